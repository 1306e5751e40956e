use super::*;

fn lines(path: &str, text: &str) -> Vec<usize> {
    check(&Source { path: path.into(), text: text.into() }).iter().map(|complaint| complaint.line).collect()
}

#[test]
fn nobody_is_called_what_no_score_can_show() {
    assert_eq!(lines("docs/model.md", "One.\nThe Predators are found.\nGUILTY"), [2, 3]);
    assert_eq!(lines("services/a/templates/case.html", "<b>predator</b>"), [1]);
    assert_eq!(lines("docs/model.md", "This is not proof. The predator is found."), [1]);
}

#[test]
fn the_rule_itself_may_be_stated() {
    assert!(lines("docs/wording.md", "A signal, never “predator” and\nnever \"guilty\".").is_empty());
    assert!(lines("services/a/src/tests.rs", "for word in [\"predator\", \"guilty\"] {}").is_empty());
    assert_eq!(lines("services/a/src/tests.rs", "// a predator\n"), [1]);
    assert_eq!(lines("services/a/src/lib.rs", "let word = \"predator\";"), [1]);
}
