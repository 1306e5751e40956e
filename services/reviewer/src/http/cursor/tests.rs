use events::Token;
use proptest::prelude::*;

use super::*;

fn list(status: Option<Status>) -> Query {
    Query { status, queues: [review::Queue::Bulk].into(), limit: 1, ..Query::default() }
}

fn rank(priority: f64, opened_at: u64) -> Rank {
    let account = Token::try_from("account_0000000000000001").unwrap();
    Rank { priority, opened_at, case: CaseId::of_flag(&account, "flag") }
}

proptest! {
    #[test]
    fn a_cursor_comes_back_as_it_was(priority in -1e6f64..1e6, opened_at: u64) {
        let rank = rank(priority, opened_at);
        let text = encode(&list(Some(Status::Open)), &rank);
        prop_assert_eq!(decode(&list(Some(Status::Open)), &text).unwrap(), rank);
    }

    #[test]
    fn a_changed_cursor_is_refused(at in 0usize..40, bit in 0u8..8) {
        let mut bytes = URL_SAFE_NO_PAD.decode(encode(&list(None), &rank(0.5, 7))).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(decode(&list(None), &URL_SAFE_NO_PAD.encode(bytes)).is_err());
    }

    #[test]
    fn no_text_makes_it_fail_otherwise(text in ".*") {
        prop_assert!(decode(&list(None), &text).is_err());
    }
}

#[test]
fn a_cursor_belongs_to_its_query() {
    let text = encode(&list(Some(Status::Open)), &rank(0.5, 7));
    assert!(decode(&list(None), &text).is_err());
    assert!(decode(&list(Some(Status::Decided)), &text).is_err());
    let others = Query { queues: review::Queue::ALL.iter().copied().collect(), ..list(Some(Status::Open)) };
    assert!(decode(&others, &text).is_err());
}
