//! The published page of features is the one that follows from the definitions.

use super::features_page;

/// The page; `UPDATE=1` writes it anew.
#[test]
fn published_page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/features.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, features_page()).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(published == features_page(), "docs/features.md is not current: run this test with UPDATE=1");
}
