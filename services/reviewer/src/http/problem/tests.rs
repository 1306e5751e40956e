use super::*;

#[test]
fn every_kind_is_documented() {
    let manual = include_str!("../../../../../docs/problems.md");
    for kind in Kind::ALL {
        let heading = format!("`{}` ({})", kind.uri(), kind.status().as_u16());
        assert!(manual.contains(&heading), "docs/problems.md has no {heading}");
    }
}
