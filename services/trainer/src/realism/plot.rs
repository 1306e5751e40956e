//! Small pictures, as SVG within a page.

use std::fmt::Write;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 220.0;
const MARGIN: f64 = 34.0;

/// Points of one kind: their class in the page's style, and where they lie, each from 0 to 1.
pub(super) struct Series<'a> {
    pub(super) class: &'a str,
    pub(super) points: Vec<(f64, f64)>,
}

/// Lines with dots, on axes from 0 to 1 that are labelled with words at their ends.
pub(super) fn lines(series: &[Series<'_>], x: [&str; 2], y: [&str; 2]) -> String {
    let mut svg = frame(x, y);
    for Series { class, points } in series {
        let path: Vec<String> =
            points.iter().map(|(x, y)| format!("{:.1},{:.1}", across(*x), up(*y))).collect();
        put(&mut svg, &format!("<polyline class=\"{class}\" points=\"{}\"/>", path.join(" ")));
        for (x, y) in points {
            let dot =
                format!("<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>", across(*x), up(*y));
            put(&mut svg, &dot);
        }
    }
    svg + "</svg>"
}

/// Values on a diagonal where both agree: real across, simulated up, on a logarithmic scale.
pub(super) fn agreement(pairs: &[(f64, f64)]) -> String {
    let logs: Vec<(f64, f64)> =
        pairs.iter().map(|(a, b)| (a.max(1e-4).log10(), b.max(1e-4).log10())).collect();
    let low = logs.iter().flat_map(|(a, b)| [*a, *b]).fold(f64::INFINITY, f64::min).floor();
    let high = logs.iter().flat_map(|(a, b)| [*a, *b]).fold(f64::NEG_INFINITY, f64::max).ceil();
    let place = |value: f64| (value - low) / (high - low).max(1.0);
    let ends = [format!("10^{low}"), format!("10^{high}")];
    let ends = [ends[0].as_str(), ends[1].as_str()];
    let mut svg = frame(ends, ends);
    // A quarter more or less, in tenfolds.
    for (class, off) in [("real", 0.0), ("band", 0.0969), ("band", -0.1249)] {
        let shift = off / (high - low).max(1.0);
        let line = format!(
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
            across(0.0),
            up(shift),
            across(1.0),
            up(1.0 + shift)
        );
        put(&mut svg, &line);
    }
    for (real, simulated) in &logs {
        let (x, y) = (across(place(*real)), up(place(*simulated)));
        put(&mut svg, &format!("<circle class=\"simulated\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"));
    }
    svg + "</svg>"
}

/// One bar: its name, its length, and something else on the same scale.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) mark: Option<f64>,
    pub(super) stands_out: bool,
}

const BAR_WIDTH: f64 = 700.0;
const BAR_HEIGHT: f64 = 18.0;
const BAR_NAMES: f64 = 150.0;
const BAR_FIGURES: f64 = 50.0;

/// Bars one below the other, on a scale between two values, with a line at a limit.
pub(super) fn bars(bars: &[Bar], (least, most): (f64, f64), limit: f64) -> String {
    let height = BAR_HEIGHT * bars.len() as f64 + 8.0;
    let at = |value: f64| {
        let way = ((value - least) / (most - least)).clamp(0.0, 1.0);
        BAR_NAMES + way * (BAR_WIDTH - BAR_NAMES - BAR_FIGURES)
    };
    let mut svg = format!("<svg class=wide viewBox=\"0 0 {BAR_WIDTH} {height}\" role=\"img\">");
    for (place, bar) in bars.iter().enumerate() {
        let y = BAR_HEIGHT * place as f64 + 4.0;
        let class = if bar.stands_out { "stands-out" } else { "simulated" };
        let (x, width) = (at(least), at(bar.value) - at(least));
        let text = y + BAR_HEIGHT - 6.0;
        put(
            &mut svg,
            &format!(
                "<text x=\"{:.1}\" y=\"{text:.1}\" text-anchor=\"end\">{}</text><rect class=\"{class}\" x=\"{x:.1}\" \
                 y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/><text x=\"{:.1}\" y=\"{text:.1}\">{:.3}</text>",
                BAR_NAMES - 8.0,
                bar.name,
                BAR_HEIGHT - 5.0,
                at(bar.value) + 6.0,
                bar.value
            ),
        );
        if let Some(mark) = bar.mark {
            let x = at(mark);
            let tick = format!(
                "<line class=\"mark\" x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>",
                y + BAR_HEIGHT - 5.0
            );
            put(&mut svg, &tick);
        }
    }
    let x = at(limit);
    put(&mut svg, &format!("<line class=\"limit\" x1=\"{x:.1}\" y1=\"0\" x2=\"{x:.1}\" y2=\"{height}\"/>"));
    svg + "</svg>"
}

fn across(x: f64) -> f64 {
    MARGIN + x * (WIDTH - 2.0 * MARGIN)
}

fn up(y: f64) -> f64 {
    HEIGHT - MARGIN - y * (HEIGHT - 2.0 * MARGIN)
}

fn frame(x: [&str; 2], y: [&str; 2]) -> String {
    let (left, right, bottom, top) = (across(0.0), across(1.0), up(0.0), up(1.0));
    let label = |x: f64, y: f64, anchor: &str, text: &str| {
        format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>")
    };
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><path class=\"axis\" d=\"M{left} {top}V{bottom}H{right}\"/>\
         {}{}{}{}",
        label(left, bottom + 16.0, "start", x[0]),
        label(right, bottom + 16.0, "end", x[1]),
        label(left - 4.0, bottom, "end", y[0]),
        label(left - 4.0, top + 8.0, "end", y[1]),
    )
}

fn put(svg: &mut String, element: &str) {
    // Writing to a string cannot fail.
    let _written = write!(svg, "{element}");
}
