use super::*;

#[test]
fn the_latest_is_read_back_and_old_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(folder.path()).unwrap();
    assert_eq!(snapshots.latest().unwrap(), None);
    for n in 0..5_u8 {
        snapshots.save(&[n; 100]).unwrap();
    }
    assert_eq!(snapshots.numbers().unwrap(), [3, 4]);
    assert!(matches!(Snapshots::open(folder.path()), Err(Error::InUse { .. })), "one writer");
    drop(snapshots);
    let mut again = Snapshots::open(folder.path()).unwrap();
    assert_eq!(again.latest().unwrap(), Some(vec![4; 100]));
    again.save(b"next").unwrap();
    assert_eq!(again.latest().unwrap().unwrap(), b"next");
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
            assert_eq!(snapshots.latest().unwrap().unwrap(), b"the one before");
        }
    }
}

#[test]
fn if_all_are_damaged_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(folder.path()).unwrap();
    snapshots.save(b"only").unwrap();
    std::fs::write(snapshots.path(0), b"").unwrap();
    assert!(matches!(snapshots.latest(), Err(Error::AllDamaged { .. })));
}
