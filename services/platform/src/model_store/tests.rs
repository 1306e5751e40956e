use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use registry::{Consent, FORMAT, MODEL_FILE};

use super::*;

const ID: &str = "8a1f03c2d4e5b697";

fn registered(folder: &Path) -> (ModelWriter, ModelStore, Entry) {
    let (directory, key) = (folder.join("registry"), folder.join("registry.key"));
    let writer = ModelWriter::open(&directory, &key).unwrap();
    let files = BTreeMap::from([
        (MODEL_FILE.to_owned(), b"a model".to_vec()),
        ("card.md".to_owned(), b"its card".to_vec()),
    ]);
    let entry = Entry {
        format: FORMAT,
        model: ID.to_owned(),
        family: "trees".to_owned(),
        schema_hash: "0123456789abcdef".to_owned(),
        profile: "discovery".to_owned(),
        metrics: BTreeMap::new(),
        files: files.iter().map(|(name, bytes)| (name.clone(), Blob::of(bytes))).collect(),
        by: "sam".to_owned(),
        at: 1,
    };
    writer.register(&entry, &files).unwrap();
    let store = ModelStore::open(&directory, &folder.join("registry.key.pub")).unwrap();
    (writer, store, entry)
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn what_is_registered_comes_back_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, store, entry) = registered(folder.path());
    assert_eq!(store.models().unwrap(), [ID]);
    assert_eq!(store.entry(ID).unwrap(), entry);
    assert_eq!(store.file(&entry, MODEL_FILE).unwrap(), b"a model");
    assert!(matches!(store.file(&entry, "other"), Err(Error::NoFile { .. })));
    assert!(matches!(store.entry("0000000000000000"), Err(Error::Unknown { .. })));
    assert!(matches!(store.entry("../history/000000"), Err(Error::Unknown { .. })));
    let again = writer.register(&entry, &BTreeMap::new());
    assert!(matches!(again, Err(Error::There { .. })), "{again:?}");
}

#[test]
fn every_flipped_bit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (_, store, entry) = registered(folder.path());
    let note = store.entry_path(ID);
    let whole = std::fs::read(&note).unwrap();
    std::fs::set_permissions(&note, std::fs::Permissions::from_mode(0o644)).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&note, &changed).unwrap();
        // A signature line may be broken in places that no reader looks at; the text never.
        let read = store.entry(ID);
        assert!(read.as_ref().map_or(true, |read| *read == entry), "bit {bit}: {read:?}");
        let is_text = bit / 8 < whole.len() - 140;
        assert!(!is_text || matches!(read, Err(Error::Signature { .. })), "bit {bit}: {read:?}");
    }
    std::fs::write(&note, &whole).unwrap();
    let object = store.object_path(&entry.files[MODEL_FILE].blake3);
    change(&object, "model", "modem");
    assert!(matches!(store.file(&entry, MODEL_FILE), Err(Error::Hash { .. })));
}

#[test]
fn another_key_and_another_place_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, store, entry) = registered(folder.path());
    let other = ModelWriter::open(&folder.path().join("other"), &folder.path().join("other.key")).unwrap();
    let files = BTreeMap::from([
        (MODEL_FILE.to_owned(), b"a model".to_vec()),
        ("card.md".to_owned(), b"its card".to_vec()),
    ]);
    other.register(&entry, &files).unwrap();
    std::fs::remove_file(store.entry_path(ID)).unwrap();
    std::fs::copy(other.store().entry_path(ID), store.entry_path(ID)).unwrap();
    assert!(matches!(store.entry(ID), Err(Error::Signature { .. })));

    let elsewhere = "1111111111111111";
    std::fs::copy(other.store().entry_path(ID), other.store().entry_path(elsewhere)).unwrap();
    assert!(matches!(other.store().entry(elsewhere), Err(Error::Moved { .. })));
}

#[test]
fn moves_are_read_in_order_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, store, _) = registered(folder.path());
    let gates = Gates {
        format: FORMAT,
        model: ID.to_owned(),
        against: None,
        evaluation: String::new(),
        gates: vec![],
        at: 1,
    };
    assert_eq!(store.gates(ID).unwrap(), None);
    writer.judged(&gates).unwrap();
    assert_eq!(store.gates(ID).unwrap(), Some(gates.clone()));
    let consent =
        Consent { by: "sam".to_owned(), approved_by: Some("lee".to_owned()), proposal: None, at: 2 };
    let moved = store.history().unwrap().promote((ID, "ada"), Some(&gates), &consent).unwrap();
    assert!(!store.has_moved(0));
    writer.append(&moved).unwrap();
    assert!(store.has_moved(0) && !store.has_moved(1));
    assert_eq!(store.history().unwrap().champion(), Some(ID));
    assert!(matches!(writer.append(&moved), Err(Error::There { .. })));
    change(&store.move_path(0), "\"lee\"", "\"sam\"");
    assert!(matches!(store.history(), Err(Error::Signature { .. })));
}
