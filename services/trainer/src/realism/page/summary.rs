//! The aims and what was measured, before everything else.

use simulate::{Archetype, LookAlike};

use super::{Findings, GIVEN_AWAY, NEAR};

/// How far a share of offenders may lie from the measured one.
const CURVE_NEAR: f64 = 0.05;

/// The section.
pub(super) fn write(findings: &Findings) -> String {
    let rows =
        [traffic(findings), two_sample(findings), hard(findings), reports(findings), look_alikes(findings)];
    let rows: String = rows.iter().flatten().map(Row::write).collect();
    format!("<table><tr><th>figure<th>aim<th>measured</tr>{rows}{}</table>", base_rate(findings))
}

struct Row {
    what: &'static str,
    aim: &'static str,
    measured: String,
    is_met: bool,
}

impl Row {
    fn write(&self) -> String {
        let class = if self.is_met { "near" } else { "far" };
        let Self { what, aim, measured, .. } = self;
        format!("<tr><td>{what}</td><td>{aim}</td><td class={class}>{measured}</td></tr>")
    }
}

fn traffic(findings: &Findings) -> Option<Row> {
    let comparison = &findings.traffic;
    let pairs =
        comparison.real.iter().zip(&comparison.simulated).flat_map(|(a, b)| a.values.iter().zip(&b.values));
    let near: Vec<bool> = pairs.map(|(real, ours)| (ours / real - 1.0).abs() <= NEAR).collect();
    let count = near.iter().filter(|near| **near).count();
    Some(Row {
        what: "figures of real traffic within a quarter",
        aim: "all",
        measured: format!("{count} of {}", near.len()),
        is_met: count == near.len(),
    })
}

fn two_sample(findings: &Findings) -> Option<Row> {
    let auc = findings.traffic.two_sample?;
    let measured = format!("{auc:.3}");
    Some(Row {
        what: "telling simulated from real accounts, AUC",
        aim: "near .5",
        measured,
        is_met: auc < 0.6,
    })
}

fn hard(findings: &Findings) -> Option<Row> {
    let hard = findings
        .singles
        .iter()
        .filter(|single| Archetype::named(&single.archetype).is_some_and(Archetype::is_hard));
    let of = |single: &super::Single| single.best.first().map_or(0.5, |(_, auc)| *auc);
    let worst = hard.max_by(|a, b| of(a).total_cmp(&of(b)))?;
    let auc = of(worst);
    Some(Row {
        what: "best single feature of a patient archetype, AUC",
        aim: "at most .85 for each",
        measured: format!(
            "at most {auc:.3} ({}, {} accounts)",
            worst.archetype.replace('_', " "),
            worst.accounts
        ),
        is_met: auc <= GIVEN_AWAY,
    })
}

fn reports(findings: &Findings) -> Option<Row> {
    let shares = findings.scenario.reports.offender_share;
    let classes = (1..).zip(findings.reported.iter().zip(shares));
    let off = classes.filter(|(_, ((bad, good), _))| bad + good > 0).map(|(k, ((bad, good), share))| {
        let accounts = bad + good;
        ((*bad as f64 / accounts as f64 - share).abs(), k, accounts)
    });
    let (most, k, accounts): (f64, u32, usize) = off.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Row {
        what: "P(offender) by number of reporters, from the measured curve",
        aim: "within .05",
        measured: format!("at most {most:.3} off ({k} reporters, {accounts} accounts)"),
        is_met: most <= CURVE_NEAR,
    })
}

/// How many of the rarest look-alike there are for each abuser that it resembles.
fn look_alikes(findings: &Findings) -> Option<Row> {
    let count = |name: &str| findings.census.iter().find(|(kind, _)| kind == name).map_or(0, |(_, n)| *n);
    let ratio = |(kind, alike): (Archetype, LookAlike)| {
        let abusers = count(kind.name());
        (abusers > 0).then(|| count(alike.name()) as f64 / abusers as f64)
    };
    let pairs =
        Archetype::ALL.iter().flat_map(|kind| kind.resembled_by().iter().map(|alike| (*kind, *alike)));
    let least = pairs.filter_map(ratio).min_by(f64::total_cmp)?;
    Some(Row {
        what: "look-alikes for each abuser whom they resemble",
        aim: "at least 10",
        measured: format!("at least {least:.1}"),
        is_met: least >= 10.0,
    })
}

fn base_rate(findings: &Findings) -> String {
    let is_abuse = |name: &str| Archetype::named(name).is_some();
    let abusive: usize = findings.census.iter().filter(|(name, _)| is_abuse(name)).map(|(_, n)| n).sum();
    let share = abusive as f64 / findings.accounts.max(1) as f64 * 100.0;
    format!("<tr><td>abusive accounts</td><td>a setting</td><td>{abusive}, {share:.3} % of all</td></tr>")
}
