//! Clusters held against who really belongs together.

use std::path::Path;

use detector::wall_clock;
use evaluation::RingFigures;
use rings::Footprint;
use serde::Serialize;
use trainer::RingsJob;

use crate::terminal::{count, data};

#[derive(Debug, Serialize)]
struct Page {
    #[serde(flatten)]
    figures: RingFigures,
    accounts: usize,
    edges: usize,
    bytes: usize,
}

pub(super) fn run(job: &RingsJob<'_>, truth: &Path, json: bool) -> anyhow::Result<()> {
    let progress = count("linking");
    let (figures, rings) = trainer::judge_rings(job, truth, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    let Footprint { accounts, edges, bytes, .. } = rings.linker().footprint();
    let page = Page { figures, accounts, edges, bytes };
    data(&if json { serde_json::to_string_pretty(&page)? } else { in_words(&page.figures) });
    Ok(())
}

fn in_words(figures: &RingFigures) -> String {
    let percent =
        |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |x| format!("{:.1} %", 100.0 * x));
    let mut text = format!(
        "{} clusters of {} accounts\n\
         pairs of a ring found        {:>8}   of those that there are\n\
         pairs in clusters of a ring  {:>8}   {} right, {} wrong, {} of one innocent holder left out\n",
        figures.clusters,
        figures.clustered,
        percent(figures.pairwise_recall),
        percent(figures.pairwise_precision),
        figures.pairs_right,
        figures.pairs_wrong,
        figures.pairs_of_one_holder,
    );
    for (kind, found) in &figures.rings {
        text += &format!(
            "    {kind:<26} {} of {} pairs found, of {} rings, in {} cases\n",
            found.found, found.pairs, found.groups, found.cases
        );
    }
    for (kind, spared) in &figures.innocent {
        let share = 100.0 * spared.wrong as f64 / spared.groups.max(1) as f64;
        text += &format!(
            "    {kind:<26} {} of {} wrongly made a ring ({share:.2} %)\n",
            spared.wrong, spared.groups
        );
    }
    if let Some((accounts, cases)) = figures.largest {
        text += &format!("the largest ring, of {accounts} accounts, is {cases} cases\n");
    }
    text += &format!(
        "{} suspended people came back and turned to a minor: {} linked before the tenth, {} at all; \
         {} reached ten unlinked",
        figures.returns, figures.returns_linked_by_ten, figures.returns_linked, figures.returns_missed
    );
    text
}
