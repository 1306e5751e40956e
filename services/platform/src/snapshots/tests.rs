use super::*;

#[test]
fn the_latest_is_read_back_and_old_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(folder.path()).unwrap();
    assert!(snapshots.is_empty().unwrap());
    for n in 0..45_u8 {
        save(&mut snapshots, &[n; 100]);
    }
    assert_eq!(snapshots.numbers().unwrap(), (5..45).collect::<Vec<u64>>());
    assert!(matches!(Snapshots::open(folder.path()), Err(Error::InUse { .. })), "one writer");
    drop(snapshots);
    let mut again = Snapshots::open(folder.path()).unwrap();
    assert_eq!(latest(&again), vec![44; 100]);
    save(&mut again, b"next");
    assert_eq!(latest(&again), b"next");
    assert_eq!(again.latest_first().unwrap().nth(1).unwrap(), vec![44; 100]);
}

#[test]
fn any_flipped_byte_and_any_torn_end_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(folder.path()).unwrap();
    save(&mut snapshots, b"the one before");
    save(&mut snapshots, b"the latest");
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

fn save(snapshots: &mut Snapshots, content: &[u8]) {
    let mut draft = snapshots.begin().unwrap();
    content.chunks(7).for_each(|chunk| draft.write_all(chunk).unwrap());
    snapshots.keep(draft).unwrap();
}

#[test]
fn what_is_not_kept_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(folder.path()).unwrap();
    save(&mut snapshots, b"the latest");
    let mut draft = snapshots.begin().unwrap();
    draft.write_all(b"half of it").unwrap();
    drop(draft);
    assert_eq!(latest(&snapshots), b"the latest");
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name != "lock").count(), 1);
}

fn latest(snapshots: &Snapshots) -> Vec<u8> {
    snapshots.latest_first().unwrap().next().unwrap()
}
