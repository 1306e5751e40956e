use proptest::prelude::*;

use super::*;

fn words<'a>(given: [Option<&'a str>; 5]) -> Words<'a> {
    let [outcome, category, policy, reason, action] = given;
    Words { outcome, category, policy, reason, action }
}

fn check(given: [Option<&str>; 5], expected: Result<Finding, Vec<&str>>) {
    let found = Finding::parse(words(given));
    let found = found.map_err(|faults| faults.iter().map(|f| f.field.as_str()).collect::<Vec<_>>());
    assert_eq!(found, expected, "{given:?}");
}

fn abuse(reason: AbusiveReason, policy: Policy, action: Action) -> Finding {
    Finding::Abusive(Abuse { category: Category::Spam, policy, reason, action })
}

#[test]
fn a_finding_needs_exactly_what_its_outcome_needs() {
    let spam = abuse(AbusiveReason::AutomatedOrBulkContact, Policy::SpamAndAutomation, Action::Suspend);
    let coach = Finding::Benign { reason: BenignReason::WorksWithYoungPeople };
    let (bulk, policy) = (Some("automated_or_bulk_contact"), Some("spam_and_automation"));

    check([Some("abusive"), Some("spam"), policy, bulk, Some("suspend")], Ok(spam));
    check([Some("benign"), None, None, Some("works_with_young_people"), None], Ok(coach));

    check([None; 5], Err(vec!["outcome"]));
    check([Some("guess"), Some("spam"), None, None, None], Err(vec!["outcome"]));
    check([Some("abusive"), None, None, None, None], Err(vec!["category", "policy", "reason", "action"]));
    check(
        [Some("abusive"), Some("spam"), policy, Some("works_with_young_people"), Some("watch")],
        Err(vec!["reason"]),
    );
    check(
        [Some("benign"), Some("spam"), policy, Some("evidence_too_thin"), Some("watch")],
        Err(vec!["category", "policy", "action"]),
    );
    check([Some("benign"), None, None, bulk, None], Err(vec!["reason"]));
}

fn findings() -> impl Strategy<Value = Finding> {
    let abusive = (
        prop::sample::select(AbusiveReason::ALL),
        prop::sample::select(Policy::ALL),
        prop::sample::select(Action::ALL),
    );
    let benign = prop::sample::select(BenignReason::ALL);
    prop_oneof![
        abusive.prop_map(|(reason, policy, action)| abuse(reason, policy, action)),
        benign.prop_map(|reason| Finding::Benign { reason }),
    ]
}

proptest! {
    #[test]
    fn a_finding_is_read_back_from_its_words_and_from_what_is_approved(finding in findings(), version in 1u32..) {
        prop_assert_eq!(Finding::parse(finding.words()), Ok(finding));
        let case = CaseId::parse("c0123456789abcdef0123").unwrap();
        let content = finding.content(&case, version);
        prop_assert_eq!(Finding::of_content(&content), Some((case, version, finding)));
        let longer = content + " more";
        prop_assert_eq!(Finding::of_content(&longer), None);
    }
}
