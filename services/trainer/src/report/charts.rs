//! The page's pictures, as SVG.

use std::fmt::Write;

use evaluation::{Evaluation, Figures};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 38.0;

pub(super) fn all(evaluation: &Evaluation) -> String {
    format!(
        "<div class=charts>{}{}{}{}</div>",
        precision_recall(evaluation),
        reliability(evaluation),
        minors(evaluation),
        weeks(&evaluation.model)
    )
}

/// Axes with four lines each, labelled with what they stand for.
struct Chart {
    svg: String,
    most: (f64, f64),
}

impl Chart {
    fn new(most: (f64, f64), x: &str, y: &str) -> Self {
        let mut chart = Self { svg: format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">"), most };
        for n in 0..=4 {
            let part = f64::from(n) / 4.0;
            let (across, up) = (chart.across(part * most.0), chart.up(part * most.1));
            let (left, right, bottom) = (LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM);
            chart.put(&format!("<path class=grid d=\"M{left} {up:.1}H{right}\"/>"));
            chart.text((across, bottom + 14.0), "middle", &number(part * most.0));
            chart.text((left - 5.0, up + 4.0), "end", &number(part * most.1));
        }
        let (left, bottom) = (LEFT, HEIGHT - BOTTOM);
        chart.put(&format!("<path class=axis d=\"M{left} {TOP}V{bottom}H{}\"/>", WIDTH - RIGHT));
        chart.text((WIDTH - RIGHT, HEIGHT - 6.0), "end", x);
        chart.text((4.0, HEIGHT - 6.0), "start", &format!("↑ {y}"));
        chart
    }

    fn across(&self, x: f64) -> f64 {
        LEFT + x / self.most.0 * (WIDTH - LEFT - RIGHT)
    }

    fn up(&self, y: f64) -> f64 {
        HEIGHT - BOTTOM - y / self.most.1 * (HEIGHT - TOP - BOTTOM)
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        self.put(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"));
    }

    fn line(&mut self, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let path: Vec<String> =
            points.map(|(x, y)| format!("{:.1},{:.1}", self.across(x), self.up(y))).collect();
        self.put(&format!("<polyline class=\"{class}\" points=\"{}\"/>", path.join(" ")));
    }

    fn dot(&mut self, class: &str, (x, y): (f64, f64)) {
        let (x, y) = (self.across(x), self.up(y));
        self.put(&format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>"));
    }

    fn bar(&mut self, class: &str, (x, width): (f64, f64), y: f64) {
        let (left, top) = (self.across(x), self.up(y));
        let (right, bottom) = (self.across(x + width), HEIGHT - BOTTOM);
        self.put(&format!(
            "<rect class=\"bar {class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            right - left,
            bottom - top
        ));
    }

    fn put(&mut self, element: &str) {
        // Writing to a string cannot fail.
        let _written = write!(self.svg, "{element}");
    }

    fn figure(self, caption: &str) -> String {
        format!("<figure>{}</svg><figcaption>{caption}</figcaption></figure>", self.svg)
    }
}

fn number(value: f64) -> String {
    if value >= 10.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The colours' names.
fn key<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const COLOURS: [&str; 4] = ["blue", "orange", "grey", "violet"];
    let parts: Vec<String> = names.zip(COLOURS).map(|(name, colour)| format!("{colour}: {name}")).collect();
    parts.join(", ")
}

fn precision_recall(evaluation: &Evaluation) -> String {
    let series = || super::all(evaluation).take(4);
    let mut chart = Chart::new((1.0, 1.0), "recall", "precision");
    for (i, figures) in series().enumerate() {
        chart.line(&format!("s{i}"), figures.curve.iter().copied());
        if let Some(at) = evaluation.capacity.checked_sub(1).and_then(|last| figures.curve.get(last)) {
            chart.dot(&format!("s{i}"), *at);
        }
    }
    chart.figure(&format!(
        "Precision and recall as reviewers look at more accounts, up to twice the capacity; the dot is the capacity. {}.",
        key(series().map(|figures| figures.by.as_str()))
    ))
}

fn reliability(evaluation: &Evaluation) -> String {
    let mut chart = Chart::new((1.0, 1.0), "mean probability", "share that is abusive");
    chart.line("ideal", [(0.0, 0.0), (1.0, 1.0)].into_iter());
    let bins = &evaluation.reliability.bins;
    chart.line("s0", bins.iter().map(|bin| (bin.p, bin.share)));
    bins.iter().for_each(|bin| chart.dot("s0", (bin.p, bin.share)));
    let brier = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.4}"));
    chart.figure(&format!(
        "The hundredth of account-days with the highest probabilities, in ten parts. Expected calibration error there \
         {:.4}, over all {:.4}; Brier score of abusive days {}, of others {}.",
        evaluation.reliability.error_top_percent,
        evaluation.reliability.error,
        brier(evaluation.reliability.brier_so),
        brier(evaluation.reliability.brier_not),
    ))
}

/// The median by delay of each way to rank.
fn minors(evaluation: &Evaluation) -> String {
    let series = || super::all(evaluation).take(4);
    let medians = |figures: &Figures| -> Vec<(f64, f64)> {
        figures.minors.iter().filter_map(|m| Some((m.delay_days as f64, m.median?))).collect()
    };
    let most = series().flat_map(medians).map(|(_, n)| n).fold(1.0, f64::max);
    let mut chart =
        Chart::new((8.0, (most / 4.0).ceil() * 4.0), "days that a review takes", "minors, median");
    for (i, figures) in series().enumerate() {
        chart.line(&format!("s{i}"), medians(figures).into_iter());
        medians(figures).into_iter().for_each(|at| chart.dot(&format!("s{i}"), at));
    }
    chart.figure(&format!(
        "Minors that an offender turned to before somebody could act. {}.",
        key(series().map(|figures| figures.by.as_str()))
    ))
}

fn weeks(model: &Figures) -> String {
    let most = model.weeks.iter().map(|week| week.accounts).max().unwrap_or(0).max(4).div_ceil(4) * 4;
    let count = model.weeks.len().max(1) as f64;
    let mut chart = Chart::new((count, most as f64), "week", "accounts");
    for (i, week) in model.weeks.iter().enumerate() {
        chart.bar("s2", (i as f64 + 0.15, 0.7), week.accounts as f64);
        chart.bar("s0", (i as f64 + 0.15, 0.7), week.found as f64);
    }
    chart.figure("When the accounts within the capacity reached it, by week; blue are abusive.")
}
