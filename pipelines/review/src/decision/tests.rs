use super::*;

fn check(words: [Option<&str>; 3], expected: Result<Finding, Vec<&str>>) {
    let found = Finding::parse(words[0], words[1], words[2]);
    let found = found.map_err(|faults| faults.iter().map(|f| f.field.as_str()).collect::<Vec<_>>());
    assert_eq!(found, expected, "{words:?}");
}

#[test]
fn a_finding_needs_exactly_what_its_outcome_needs() {
    let spam = Finding::Abusive { category: Category::Spam, reason: AbusiveReason::AutomatedOrBulkContact };
    let coach = Finding::Benign { reason: BenignReason::WorksWithYoungPeople };

    check([Some("abusive"), Some("spam"), Some("automated_or_bulk_contact")], Ok(spam));
    check([Some("benign"), None, Some("works_with_young_people")], Ok(coach));

    check([None, None, None], Err(vec!["outcome"]));
    check([Some("guess"), Some("spam"), None], Err(vec!["outcome"]));
    check([Some("abusive"), None, None], Err(vec!["category", "reason"]));
    check([Some("abusive"), Some("spam"), Some("works_with_young_people")], Err(vec!["reason"]));
    check([Some("benign"), Some("spam"), Some("evidence_too_thin")], Err(vec!["category"]));
    check([Some("benign"), None, Some("automated_or_bulk_contact")], Err(vec!["reason"]));
}

#[test]
fn every_word_is_read_back() {
    for reason in AbusiveReason::ALL {
        check(
            [Some("abusive"), Some("other"), Some(reason.as_str())],
            Ok(Finding::Abusive { category: Category::Other, reason: *reason }),
        );
    }
    for reason in BenignReason::ALL {
        check([Some("benign"), None, Some(reason.as_str())], Ok(Finding::Benign { reason: *reason }));
    }
}
