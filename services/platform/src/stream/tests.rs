use super::*;

/// The answers of Kafka's Java client, as librdkafka's own tests hold them (`rdmurmur2.c`).
#[test]
fn murmur2_is_that_of_the_java_client() {
    for (key, hash) in [
        ("kafka", 0xd067_cf64),
        ("giberish123456789", 0x8f55_2b0c),
        ("1234", 0x9fc9_7b14),
        ("234", 0xe7c0_09ca),
        ("34", 0x8739_30da),
        ("4", 0x5a4b_5ca1),
        ("PreAmbleWillBeRemoved,ThePrePartThatIs", 0x7842_4f1c),
        ("reAmbleWillBeRemoved,ThePrePartThatIs", 0x4a62_b377),
        ("", 0x106e_08d9),
    ] {
        assert_eq!(murmur2(key.as_bytes()), hash, "{key:?}");
    }
}

#[test]
fn a_key_has_a_partition_even_where_its_hash_is_negative_in_java() {
    assert_eq!(partition_of("kafka", 1), 0);
    assert_eq!(partition_of("kafka", 12), 0x5067_cf64 % 12);
}

#[test]
fn positions_that_a_topic_cannot_have_are_refused() {
    assert!(check_positions(&Positions::from([(0, 0), (3, 9)]), 4).is_ok());
    assert!(check_positions(&Positions::from([(4, 0)]), 4).is_err());
    assert!(check_positions(&Positions::from([(-1, 0)]), 4).is_err());
    assert!(check_positions(&Positions::from([(0, -1)]), 4).is_err());
}
