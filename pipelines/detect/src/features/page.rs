//! The page on which every feature is defined, `docs/features.md`.

use std::fmt::Write;

use super::{ColumnOf, Range, columns, definitions};
use crate::Profile;
use crate::pairs::{PAIR_COLUMNS, PairColumn};

const HEAD: &str = "\
# Features

This page is made from the definitions in `pipelines/detect/src/features`; a test holds the two together. The terms are
those of [how detection is defined](detection.md). An absent value is null, never 0. A column with a window is called
`name_window`; \"the window\" is the window of the column. Approaches are those of the last 28 days, in the order in which
they were made; sums over them are of whole ten-thousandths. Raw counts have a second column a window of a day and more, `name_window_pct`: the share of accounts of the same
cohort (region, tenure, age band) that have less; it is filled in from a model's baselines and null without.

";

const PAIRS_HEAD: &str = "\
# Pairs

What is known of each approach of A to B of the last 28 days, which `silhouette features --pairs` writes: the inputs of a model of
pairs. Yes is 1, no is 0. Of a time to something that has not happened yet it is known that it is longer than `age_s`. How
often others protested against B is not among them: that is never shown, and forgotten after 72 hours.
";

/// The page, Markdown.
pub fn features_page() -> String {
    let mut page = HEAD.to_owned();
    let all: Vec<ColumnOf> = columns().collect();
    let profiles: Vec<Profile> = Profile::names().iter().filter_map(|name| Profile::shipped(name)).collect();
    writeln_to(&mut page, &format!("{} definitions, {} columns.\n", definitions().count(), all.len()));
    for definition in definitions() {
        let columns = all.iter().filter(|column| std::ptr::eq(column.definition, definition));
        let names: Vec<String> = columns.map(|column| format!("`{}`", column.name())).collect();
        let lacking: Vec<&str> =
            profiles.iter().filter(|p| p.lacking(definition.needs).is_some()).map(Profile::name).collect();
        writeln_to(&mut page, &format!("## {}\n", definition.name));
        writeln_to(&mut page, &format!("{}.\n", plain(definition.meaning)));
        writeln_to(&mut page, "| | |\n|---|---|");
        for (what, value) in [
            ("columns", names.join(" ")),
            ("unit, range", format!("{}, {}", definition.unit.as_str(), range(definition.range))),
            ("family of evidence", definition.family.as_str().to_owned()),
            ("reason", format!("{} {}", definition.reason.code(), definition.reason.title())),
            ("in words", definition.sentence.to_owned()),
            ("seen without harm in", definition.reason.benign_alternatives().to_owned()),
            ("null", definition.null_when.unwrap_or("never").to_owned()),
            ("needs", definition.needs.join(", ").replace('|', " or ")),
            ("not known to", if lacking.is_empty() { "–".to_owned() } else { lacking.join(", ") }),
        ] {
            writeln_to(&mut page, &format!("| {what} | {value} |"));
        }
        page.push('\n');
    }
    pairs(&mut page);
    page
}

/// What is known of each pair.
fn pairs(page: &mut String) {
    writeln_to(page, PAIRS_HEAD);
    writeln_to(page, "| column | meaning | null |\n|---|---|---|");
    for PairColumn { name, meaning, null_when, .. } in PAIR_COLUMNS {
        writeln_to(page, &format!("| `{name}` | {meaning} | {} |", null_when.unwrap_or("never")));
    }
}

fn writeln_to(page: &mut String, line: &str) {
    #[expect(clippy::expect_used, reason = "a string takes everything")]
    writeln!(page, "{line}").expect("a string takes a line");
}

fn range(range: Range) -> String {
    let (low, high) = match range {
        Range::Count => return "0 to the number of what it counts".to_owned(),
        Range::PerOne(low, high) => return format!("{low} to {high} for each"),
        Range::ShareOf { per_one, .. } => (0.0, per_one),
        Range::Ratio(low, high) | Range::Among(low, high) | Range::Fixed(low, high) => (low, high),
    };
    if high >= 1e9 { format!("from {low}") } else { format!("{low} to {high}") }
}

/// A definition's text in one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
