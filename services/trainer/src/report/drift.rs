//! Drift as one HTML page: each judged day's least probable number, and what differs.

use std::path::Path;

use evaluation::drift::{Alarm, Judged};
use platform::files;

use super::STYLE;
use crate::DriftReport;

/// Writes the page.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_drift(path: &Path, report: &DriftReport) -> anyhow::Result<()> {
    let days: String = report.days.iter().map(day).collect();
    let with_alarm = report.days.iter().filter(|day| !day.alarms.is_empty()).count();
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Drift under model {model}</title>\
         <style>{STYLE}</style><h1>Drift under model {model}</h1><p>{n} days held against {reference} reference days, {numbers} \
         numbers each: of every feature and of the score how high, how often absent and how spread, and how many accounts reach \
         the threshold. <b>{with_alarm}</b> days differ. A number differs below p = {threshold:.1e}: so low that a week in which \
         nothing changes raises an alarm once in a hundred.</p>{plot}<table><tr><th>day<th class=n>accounts<th class=n>least \
         p<th>what differs</tr>{days}</table><p>That something differs is no proof that the model is worse: look at what it is, \
         and at what reviewers say.</p></html>\n",
        model = report.model,
        n = report.days.len(),
        reference = report.reference_days,
        numbers = report.numbers,
        threshold = report.threshold,
        plot = plot(report),
    );
    Ok(files::write(path, &page)?)
}

/// A day since the epoch as a date.
pub fn date_of(day: u64) -> String {
    let seconds = i64::try_from(day).unwrap_or(i64::MAX).saturating_mul(24 * 60 * 60);
    match jiff::Timestamp::from_second(seconds) {
        Ok(at) => at.strftime("%Y-%m-%d").to_string(),
        Err(_) => format!("day {day}"),
    }
}

fn day(judged: &Judged) -> String {
    let one = |alarm: &Alarm| {
        let unlike = format!("{:?}", alarm.unlike).to_lowercase();
        let Alarm { column, usual, found, p, .. } = alarm;
        format!("<span class=key>{column}, {unlike}: usual {usual:.4}, found {found:.4}, p {p:.1e}</span>")
    };
    let alarms: String = judged.alarms.iter().take(12).map(one).collect();
    let (date, rows, least) = (date_of(judged.day), judged.rows, judged.least_p);
    format!("<tr><td>{date}</td><td class=n>{rows}</td><td class=n>{least:.1e}</td><td>{alarms}</td></tr>")
}

/// The least probability of each day, in powers of ten downwards, with the threshold.
fn plot(report: &DriftReport) -> String {
    let depth = |p: f64| (-p.max(1e-30).log10()).max(0.0);
    let deepest =
        report.days.iter().map(|day| depth(day.least_p)).fold(depth(report.threshold) + 2.0, f64::max);
    let (width, height) = (460.0, 160.0);
    let y = |p: f64| 10.0 + depth(p) / deepest * height;
    let step = width / report.days.len().max(1) as f64;
    let bar = |(n, day): (usize, &Judged)| {
        let x = 40.0 + n as f64 * step;
        let class = if day.alarms.is_empty() { "s0" } else { "s1" };
        format!(
            "<rect class=\"{class} bar\" x=\"{x:.1}\" y=\"10\" width=\"{:.1}\" height=\"{:.1}\"/>",
            (step - 2.0).max(1.0),
            y(day.least_p) - 10.0
        )
    };
    let bars: String = report.days.iter().enumerate().map(bar).collect();
    let at = y(report.threshold);
    format!(
        "<figure><svg viewBox=\"0 0 520 190\" role=\"img\" aria-label=\"least probability of each day\">{bars}\
         <line class=\"grid\" style=\"stroke:#a33b00;stroke-dasharray:4 3\" x1=\"40\" x2=\"500\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
         <text x=\"2\" y=\"{:.1}\">alarm</text></svg><figcaption>How improbable each day's least probable number is where \
         nothing has changed, in powers of ten; below the line an alarm is raised.</figcaption></figure>",
        at + 4.0
    )
}
