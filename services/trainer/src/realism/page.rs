//! The report as one HTML page, without scripts and without anything from elsewhere.

use super::plot::{Bar, Series, agreement, bars, lines};
use super::{Comparison, Findings, Single};

mod limits;
mod summary;

/// Share of the measured figures that may differ: a quarter.
const NEAR: f64 = 0.25;

/// Above this, one feature gives an archetype away.
const GIVEN_AWAY: f64 = 0.85;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1c2733}table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:left;\
border-bottom:1px solid #dde3e8}td.n{text-align:right;font-variant-numeric:tabular-nums}.far{color:#a33b00;\
font-weight:600}svg{width:26rem;max-width:100%;margin:.5rem 1rem .5rem 0}svg text{font-size:11px;fill:#51606d}\
.axis{fill:none;stroke:#8996a1}.real,.measured{stroke:#51606d;fill:none}circle.real,circle.measured{fill:#51606d}\
.simulated{stroke:#0b6e99;fill:none}circle.simulated{fill:#0b6e99}.band{stroke:#c5ced6;stroke-dasharray:4 3}\
polyline{stroke-width:1.5}.key{color:#51606d}.near{color:#1d6b3a;font-weight:600}rect.simulated{fill:#0b6e99;stroke:none}\
rect.stands-out{fill:#a33b00}.mark{stroke:#fff;stroke-width:2}.limit{stroke:#a33b00;stroke-dasharray:4 3}svg.wide{width:44rem}\
td.kind{white-space:nowrap;vertical-align:top;font-weight:600}summary{cursor:pointer;color:#0b6e99}\
h2{margin-top:2.2rem;border-top:1px solid #dde3e8;padding-top:1rem}";

/// The page.
pub(super) fn write(findings: &Findings) -> String {
    let name = &findings.scenario.name;
    let sections = [
        summary::write(findings),
        traffic(&findings.traffic),
        singles(&findings.singles),
        reports(findings),
        census(findings),
        limits::write(),
    ];
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Realism of a simulated world</title>\
         <style>{STYLE}</style><h1>Realism of a simulated world</h1><p>Scenario <b>{name}</b>: {} accounts, {:.0} days, \
         {} events. Simulated people; nobody here exists.</p>{}</html>\n",
        findings.accounts,
        findings.days,
        findings.events,
        sections.concat()
    )
}

fn traffic(comparison: &Comparison) -> String {
    let mut rows = String::new();
    let (mut near, mut all, mut pairs) = (0, 0, Vec::new());
    let figures = comparison.real.iter().zip(&comparison.simulated).zip(&comparison.world);
    for ((real, simulated), world) in figures {
        for (i, point) in real.points.iter().enumerate() {
            let (theirs, ours) = (real.values[i], simulated.values[i]);
            let ratio = ours / theirs;
            let is_near = (ratio - 1.0).abs() <= NEAR;
            near += usize::from(is_near);
            all += 1;
            pairs.push((theirs, ours));
            let class = if is_near { "n" } else { "n far" };
            rows += &format!(
                "<tr><td>{} {point} {}</td><td class=n>{}</td><td class=n>{}</td><td class=\"{class}\">{ratio:.2}</td>\
                 <td class=n>{}</td></tr>",
                real.name,
                real.unit,
                number(theirs),
                number(ours),
                number(world.values[i]),
            );
        }
    }
    let two_sample = comparison.two_sample.map_or_else(
        || "Without the real traffic itself, how well a classifier tells the two apart cannot be measured.".to_owned(),
        |auc| format!("A nearest-neighbour classifier tells simulated from real accounts with an AUC of <b>{auc:.3}</b>; .5 would be not at all."),
    );
    format!(
        "<h2>Against real traffic</h2><p>Private messages of a campus, real (CollegeMsg: Panzarasa, Opsahl and Carley \
         2009) and simulated under its conditions (scenario campus, 1,899 accounts, 100 days). <b>{near} of {all}</b> \
         figures lie within a quarter. {two_sample} The last column is the world of this report on its own terms, \
         which has other people and other habits.</p>{}{}<p class=key>Left: every figure, real across and simulated \
         up; dashed: a quarter more or less. Right: messages by hour, UTC; blue simulated, grey real.</p><table>\
         <tr><th>figure<th>real<th>simulated<th>ratio<th>this world</tr>{rows}</table>",
        agreement(&pairs),
        hours(comparison),
    )
}

fn hours(comparison: &Comparison) -> String {
    let all = || comparison.hours.iter().chain(comparison.real_hours.iter().flatten());
    let most = all().copied().fold(0.0, f64::max).max(1e-9);
    let points =
        |hours: &[f64; 24]| hours.iter().enumerate().map(|(h, n)| (h as f64 / 23.0, n / most)).collect();
    let mut series = vec![Series { class: "simulated", points: points(&comparison.hours) }];
    series.extend(comparison.real_hours.iter().map(|hours| Series { class: "real", points: points(hours) }));
    lines(&series, ["0 h", "23 h"], ["0", &format!("{:.0} %", most * 100.0)])
}

fn singles(singles: &[Single]) -> String {
    let mut rows = String::new();
    for single in singles {
        let best = single.best.first().map_or(0.0, |(_, auc)| *auc);
        let class = if best > GIVEN_AWAY { "n far" } else { "n" };
        let next: Vec<String> =
            single.best.iter().skip(1).take(3).map(|(name, auc)| format!("{name} {auc:.2}")).collect();
        rows += &format!(
            "<tr><td>{}</td><td class=n>{}</td><td class=\"{class}\">{best:.3}</td><td class=n>{}</td><td>{}</td>\
             <td class=key>{}</td></tr>",
            single.archetype,
            single.accounts,
            single.chance.map_or_else(|| "–".to_owned(), |auc| format!("{auc:.3}")),
            single.best.first().map_or("", |(name, _)| name),
            next.join(", "),
        );
    }
    let every: String = singles.iter().map(every_feature).collect();
    let bar = |single: &Single| {
        let value = single.best.first().map_or(0.5, |(_, auc)| *auc);
        Bar {
            name: single.archetype.replace('_', " "),
            value,
            mark: single.chance,
            stands_out: value > GIVEN_AWAY,
        }
    };
    let picture = bars(&singles.iter().map(bar).collect::<Vec<_>>(), (0.5, 1.0), GIVEN_AWAY);
    format!(
        "<h2>What one feature gives away</h2><p>For each archetype, how well the best single feature of the detection \
         tells it from everybody innocent whom the platform takes for a minor, or \
         for an adult, as it does most of the archetype; look-alikes are included: area under the ROC curve over the highest and the mean \
         value of each account, from the onset on; innocents have an abuser's onset too, so that all are seen for as long. With few accounts the best of so many features is high by chance alone: \
         beside it stands what it is for as many innocents taken at random. What is above {GIVEN_AWAY} stands \
         out.</p>{picture}<p class=key>Best single feature of each archetype, from .5 to 1; dashed: {GIVEN_AWAY}; the small \
         mark: by chance.</p><table><tr><th>archetype<th>accounts<th>best AUC<th>by chance<th>feature<th>next</tr>{rows}</table>\
         {every}"
    )
}

fn every_feature(single: &Single) -> String {
    let features: String = single
        .best
        .iter()
        .map(|(name, auc)| format!("<tr><td>{name}</td><td class=n>{auc:.3}</td></tr>"))
        .collect();
    format!(
        "<details><summary>every feature: {}</summary><table>{features}</table></details>",
        single.archetype
    )
}

fn reports(findings: &Findings) -> String {
    let measured = findings.scenario.reports.offender_share;
    let mut rows = String::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (k, (offenders, innocents)) in findings.reported.iter().enumerate() {
        let all = offenders + innocents;
        let share = *offenders as f64 / all.max(1) as f64;
        let x = k as f64 / 5.0;
        if all > 0 {
            ours.push((x, share));
        }
        theirs.push((x, measured[k]));
        let class = if (share - measured[k]).abs() > 0.05 { "n far" } else { "n" };
        let more = if k == 5 { " or more" } else { "" };
        rows += &format!(
            "<tr><td>{}{more}</td><td class=n>{all}</td><td class=\"{class}\">{share:.3}</td><td class=n>{:.3}</td></tr>",
            k + 1,
            measured[k]
        );
    }
    let series = [Series { class: "simulated", points: ours }, Series { class: "measured", points: theirs }];
    let labels: String = findings
        .labels
        .iter()
        .map(|(source, all, wrong)| {
            let share = *wrong as f64 / (*all).max(1) as f64 * 100.0;
            format!("<tr><td>{source}</td><td class=n>{all}</td><td class=n>{wrong}</td><td class=n>{share:.0} %</td></tr>")
        })
        .collect();
    format!(
        "<h2>How far reports and labels can be believed</h2><p>Share of offenders among accounts with so many distinct \
         reporters. Grey: measured on the abuse reports of a real social network; false reports are made so that this \
         curve comes out.</p>{}<table><tr><th>reporters<th>accounts<th>offenders<th>measured</tr>{rows}</table><p>What \
         the platform came to know, and how much of it is wrong:</p><table><tr><th>labels<th>all<th>wrong<th>share</tr>\
         {labels}</table>",
        lines(&series, ["1", "6 or more"], ["0", "1"])
    )
}

fn census(findings: &Findings) -> String {
    let all = findings.accounts.max(1) as f64;
    let row = |(name, n): &(String, usize)| {
        format!(
            "<tr><td>{name}</td><td class=n>{n}</td><td class=n>{:.3} %</td></tr>",
            *n as f64 / all * 100.0
        )
    };
    let rows: String = findings.census.iter().map(row).collect();
    format!(
        "<h2>Base rates</h2><p>Abusive accounts by archetype, then those who look like them, then everybody else.</p>\
         <table><tr><th>kind<th>accounts<th>share</tr>{rows}</table>"
    )
}

fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}
