use evaluation::{Bench, Observed, Person, Tracks, Truth};

use super::*;

fn evaluation() -> Evaluation {
    let person = |account: &str, abusive: bool| Person {
        truth: Truth {
            account: account.to_owned(),
            abusive,
            archetype: abusive.then(|| "scattergun".to_owned()),
            role: None,
            onset: abusive.then_some(0),
            minor: false,
        },
        ring: 0,
        cohort: "europe/90d/25_34".to_owned(),
        minors: vec![1, 2, 3],
        is_active: true,
    };
    let mut tracks = Tracks::default();
    tracks.raise("first", 2, 3.0);
    tracks.raise("second", 5, 1.0);
    let people = [("first", true), ("second", false)].map(|(name, so)| (name.to_owned(), person(name, so)));
    let bench = Bench { people: people.into(), capacity: 1, window: (0, 24 * 60 * 60 * 1000) };
    let observed = Observed {
        beside: vec![("rule".to_owned(), Tracks::default())],
        tracks_without_reports: tracks.clone(),
        tracks,
        account_days: vec![(0.9, true), (0.1, false)],
        ..Observed::default()
    };
    Evaluation::of(&observed, &bench)
}

#[test]
fn the_terminal_shows_every_way_to_rank() {
    let text = figures_in_words(&evaluation());
    for line in [
        "model                            1.000     1.000     1.000",
        "rule    ",
        "everybody else: 0 of 1 flagged",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_its_elements_are_closed() {
    let evaluation = evaluation();
    let page =
        [headline(&evaluation), charts::all(&evaluation), kinds(&evaluation), slices(&evaluation.model)]
            .concat();
    assert!(!page.contains("http") && !page.contains("<script"), "{page}");
    assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
    for element in ["svg", "table", "figure", "text", "h2"] {
        let open =
            page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
        assert_eq!(open, page.matches(&format!("</{element}>")).count(), "{element}");
    }
}
