use super::*;

#[test]
fn the_latest_is_read_back_and_old_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(folder.path()).unwrap();
    assert!(snapshots.is_empty().unwrap());
    for n in 0..45_u8 {
        snapshots.save(&[n; 100]).unwrap();
    }
    assert_eq!(snapshots.numbers().unwrap(), (5..45).collect::<Vec<u64>>());
    assert!(matches!(Snapshots::open(folder.path()), Err(Error::InUse { .. })), "one writer");
    drop(snapshots);
    let mut again = Snapshots::open(folder.path()).unwrap();
    assert_eq!(latest(&again), vec![44; 100]);
    again.save(b"next").unwrap();
    assert_eq!(latest(&again), b"next");
    assert_eq!(again.latest_first().unwrap().nth(1).unwrap(), vec![44; 100]);
}

#[test]
fn any_flipped_byte_and_any_torn_end_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(folder.path()).unwrap();
    snapshots.save(b"the one before").unwrap();
    snapshots.save(b"the latest").unwrap();
    let path = snapshots.path(1);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        for damaged in [&flipped[..], &whole[..at]] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(latest(&snapshots), b"the one before");
        }
    }
}

fn latest(snapshots: &Snapshots) -> Vec<u8> {
    snapshots.latest_first().unwrap().next().unwrap()
}
