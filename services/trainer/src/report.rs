//! An evaluation in words, and as one HTML page without scripts and without anything from elsewhere.

mod charts;
mod drift;

use std::path::Path;

use evaluation::{Difference, Evaluation, Figures, Group, Interval};
use platform::files;
use scorers::Model;

pub use drift::{date_of, write_drift};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;\
color:#1c2733}table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:left;\
border-bottom:1px solid #dde3e8;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\
.charts{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;width:30rem;max-width:100%}figcaption{color:#51606d;\
font-size:13px}svg{width:100%}svg text{font-size:11px;fill:#51606d}.axis{fill:none;stroke:#8996a1}\
.grid{stroke:#e6ebef;fill:none}polyline{stroke-width:2;fill:none}.s0{stroke:#0b6e99;fill:#0b6e99}\
.s1{stroke:#a33b00;fill:#a33b00}.s2{stroke:#51606d;fill:#51606d}.s3{stroke:#6a4c93;fill:#6a4c93}\
polyline.s0,polyline.s1,polyline.s2,polyline.s3{fill:none}.ideal{stroke:#c5ced6;stroke-dasharray:4 3}\
.key{color:#51606d}td span.key{display:block;white-space:nowrap}.bar{stroke:none;opacity:.75}";

/// Writes the page.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_evaluation(path: &Path, evaluation: &Evaluation, model: &Model) -> anyhow::Result<()> {
    let artifact = model.artifact();
    let sections = [
        headline(evaluation),
        charts::all(evaluation),
        minors(evaluation),
        kinds(evaluation),
        slices(&evaluation.model),
        differences(&evaluation.differences),
        limits(),
    ];
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Evaluation of model {id}</title>\
         <style>{STYLE}</style><h1>Evaluation of model {id}</h1><p>{family}, {calibration}, trained on what was known by \
         {as_of} ms since the epoch. {accounts} simulated accounts over {days:.1} days; <b>{abusive}</b> abusive ones were \
         active; reviewers look at <b>{capacity}</b>. Nobody here exists.</p>{sections}</html>\n",
        id = model.id(),
        family = artifact.scorer.family(),
        calibration = artifact.calibration.name(),
        as_of = artifact.provenance.as_of,
        accounts = evaluation.accounts,
        days = evaluation.days,
        abusive = evaluation.abusive,
        capacity = evaluation.capacity,
        sections = sections.concat(),
    );
    Ok(files::write(path, &page)?)
}

/// The figures for a terminal.
pub fn figures_in_words(evaluation: &Evaluation) -> String {
    let mut text = format!(
        "capacity {} accounts, {} abusive ones active, {:.1} days\n\n{:<28}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        evaluation.capacity,
        evaluation.abusive,
        evaluation.days,
        "",
        "precision",
        "top 1/4",
        "recall",
        "14 days",
        "minors"
    );
    for figures in all(evaluation) {
        text += &format!(
            "{:<28}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
            figures.by,
            figure(figures.precision.value),
            figure(figures.precision_top_quarter),
            figure(figures.recall.value),
            figure(figures.recall_soon.value),
            figure(figures.minors.first().and_then(|minors| minors.median)),
        );
    }
    if let Some(one) = &evaluation.one_feature {
        text += &format!("{:<28}{:>10}\n", one.feature, figure(Some(one.precision)));
    }
    text += &format!(
        "\nflags a million and day {}\ncalibration error       {:.4}, in the top hundredth {:.4}\n",
        figure(evaluation.flags_per_million_per_day),
        evaluation.reliability.error,
        evaluation.reliability.error_top_percent,
    );
    for (kind, groups) in [("abusive", &evaluation.archetypes), ("look-alike", &evaluation.roles)] {
        for (name, Group { accounts, flagged, at_capacity }) in groups {
            text += &format!(
                "{kind} {name}: {flagged} of {accounts} flagged, {at_capacity} within the capacity\n"
            );
        }
    }
    let Group { accounts, flagged, at_capacity } = evaluation.ordinary;
    text + &format!("everybody else: {flagged} of {accounts} flagged, {at_capacity} within the capacity")
}

/// The model's figures, then those of everything else.
pub(crate) fn all(evaluation: &Evaluation) -> impl Iterator<Item = &Figures> {
    [&evaluation.model, &evaluation.without_reports].into_iter().chain(&evaluation.beside)
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| if v >= 10.0 { format!("{v:.1}") } else { format!("{v:.3}") })
}

fn interval(of: Interval) -> String {
    match (of.low, of.high) {
        (Some(low), Some(high)) => format!("{} <span class=key>{low:.2}–{high:.2}</span>", figure(of.value)),
        _ => figure(of.value),
    }
}

fn headline(evaluation: &Evaluation) -> String {
    let row = |figures: &Figures| {
        let minors = figures.minors.first();
        format!(
            "<tr><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td>\
             <td class=n>{}</td><td class=n>{}</td><td class=n>{}</td></tr>",
            figures.by,
            interval(figures.precision),
            figure(figures.precision_top_quarter),
            interval(figures.recall),
            interval(figures.recall_soon),
            figure(figures.days_to_flag_median),
            figure(minors.and_then(|m| m.median)),
            figure(minors.and_then(|m| m.p90)),
            figures
                .worst_role
                .as_ref()
                .map_or_else(String::new, |(role, rate)| format!("{:.2} % {role}", rate * 100.0)),
        )
    };
    let rows: String = all(evaluation).map(row).collect();
    let one = evaluation.one_feature.as_ref().map_or_else(String::new, |one| {
        format!(
            "<tr><td>best feature alone: {}</td><td class=n>{:.3}</td><td colspan=7 class=key>chosen with the truth known, \
             of the columns' highest values</td></tr>",
            one.feature, one.precision
        )
    });
    format!(
        "<h2>Within the capacity</h2><table><tr><th>ranked by<th class=n>precision<th class=n>top quarter<th class=n>recall\
         <th class=n>found within 14 days<th class=n>days to flag<th class=n>minors before, median<th class=n>p90\
         <th class=n>worst look-alike role</tr>{rows}{one}</table><p class=key>Small: where nineteen of twenty draws of the \
         same people and rings lie. Days count from the onset, or from the window's start if that is later; found within 14 \
         days is of those whose first 14 days lie in the window.</p><p>At the model's own threshold: {} flags a million \
         accounts and day.</p>",
        figure(evaluation.flags_per_million_per_day)
    )
}

fn minors(evaluation: &Evaluation) -> String {
    let rows: String = all(evaluation)
        .map(|figures| {
            let cells: String = figures
                .minors
                .iter()
                .map(|m| format!("<td class=n>{} / {}</td>", figure(m.median), figure(m.p90)))
                .collect();
            format!("<tr><td>{}</td>{cells}</tr>", figures.by)
        })
        .collect();
    let delays: String =
        evaluation.model.minors.iter().map(|m| format!("<th class=n>{} days", m.delay_days)).collect();
    format!(
        "<h2>Minors turned to before somebody could act</h2><p>Median / nine tenths, over offenders that turned to any \
         minor, where review takes so long; all of their minors where they were not found.</p><table><tr><th>ranked by\
         {delays}</tr>{rows}</table>"
    )
}

fn kinds(evaluation: &Evaluation) -> String {
    let row = |(name, group): (&String, &Group)| {
        let minors = evaluation.model.minors_by_archetype.get(name).copied().flatten();
        format!(
            "<tr><td>{name}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td></tr>",
            group.accounts,
            group.at_capacity,
            group.flagged,
            figure(minors)
        )
    };
    let archetypes: String = evaluation.archetypes.iter().map(row).collect();
    let roles: String = evaluation.roles.iter().map(row).collect();
    let head = "<th class=n>accounts<th class=n>within the capacity<th class=n>flagged<th class=n>minors before, median</tr>";
    format!(
        "<h2>Who is found, and who is wronged</h2><table><tr><th>archetype{head}{archetypes}</table>\
         <table><tr><th>innocent look-alikes{head}{roles}{}</table>",
        row((&"everybody else".to_owned(), &evaluation.ordinary))
    )
}

fn slices(model: &Figures) -> String {
    let percent =
        |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.3} %", rate * 100.0));
    let row = |slice: &evaluation::Slice| {
        format!(
            "<tr><td>{} {}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{} – {}</td></tr>",
            slice.of,
            slice.name,
            slice.innocent,
            slice.wronged,
            percent(slice.rate.value),
            percent(slice.rate.low),
            percent(slice.rate.high)
        )
    };
    let rows: String = model.slices.iter().map(row).collect();
    format!(
        "<h2>Innocent accounts within the capacity</h2><table><tr><th>slice<th class=n>innocent<th class=n>within<th \
         class=n>share<th class=n>19 of 20 draws</tr>{rows}</table>"
    )
}

fn differences(differences: &[Difference]) -> String {
    let list = |accounts: &[(String, bool)]| {
        let abusive = accounts.iter().filter(|(_, so)| *so).count();
        let names: Vec<String> = accounts
            .iter()
            .map(|(account, so)| if *so { format!("<b>{account}</b>") } else { account.clone() })
            .collect();
        format!(
            "{} ({abusive} abusive)<details><summary>which</summary>{}</details>",
            accounts.len(),
            names.join(" ")
        )
    };
    let row = |d: &Difference| {
        format!(
            "<tr><td>{}</td><td class=n>{}</td><td>{}</td><td>{}</td></tr>",
            d.with,
            d.both,
            list(&d.only_model),
            list(&d.only_other)
        )
    };
    let rows: String = differences.iter().map(row).collect();
    format!(
        "<h2>Who is found by one and not by the other</h2><p>Abusive accounts are bold.</p><table><tr><th>against<th \
         class=n>both<th>this model alone<th>the other alone</tr>{rows}</table>"
    )
}

fn limits() -> String {
    "<h2>What these figures are of</h2><p>Simulated people. How often abuse happens, how abusers behave who were never \
     caught, and how well detection works on people, no simulation can show. A flag is a signal, not proof.</p>"
        .to_owned()
}

#[cfg(test)]
mod tests;
