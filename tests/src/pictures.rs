//! A dashboard as a picture: what Grafana would show, roughly, drawn from the answers to its own queries.

use std::fmt::Write;

use serde_json::Value;

/// Pixels of one column and of one row of Grafana's grid.
const COLUMN: f64 = 42.0;
const ROW: f64 = 30.0;

/// Space within a panel.
const PAD: f64 = 10.0;

/// Bars that a panel has room for.
const BARS_MAX: usize = 10;

/// Lines, highest first.
const LINES_MAX: usize = 4;

const SHADES: [&str; 5] = ["#1f4e9c", "#4a7fd0", "#7fa9e6", "#2f6f9f", "#9cc3f0"];

/// One line of a panel.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it is called.
    pub name: String,
    /// Times and values, ascending by time; values that are no numbers are left out.
    pub points: Vec<(f64, f64)>,
}

/// A dashboard as SVG, where `answer` says what each panel's queries came to.
pub fn picture(board: &Value, answer: impl Fn(&Value) -> Vec<Answer>) -> String {
    let panels = board["panels"].as_array().cloned().unwrap_or_default();
    let bottom = panels.iter().map(|panel| grid(panel, "y") + grid(panel, "h")).fold(0.0, f64::max);
    let mut svg = Svg::new(24.0 * COLUMN, bottom * ROW + ROW);
    svg.text((PAD, 21.0), 16, "#111", board["title"].as_str().unwrap_or_default());
    for panel in &panels {
        let frame = Frame {
            left: grid(panel, "x") * COLUMN,
            top: grid(panel, "y") * ROW + ROW,
            width: grid(panel, "w") * COLUMN,
            height: grid(panel, "h") * ROW,
        };
        let title = panel["title"].as_str().unwrap_or_default();
        if panel["type"] == "row" {
            svg.text((frame.left + PAD, frame.top + 20.0), 14, "#444", title);
            continue;
        }
        let inside = svg.frame(&frame, title);
        let (answers, judge) = (answer(panel), Judge::of(panel));
        match panel["type"].as_str() {
            Some("stat") => numbers(&mut svg, &inside, &answers, &judge),
            Some("bargauge") => bars(&mut svg, &inside, &answers, &judge),
            Some("heatmap") => heat(&mut svg, &inside, &answers),
            _ => lines(&mut svg, &inside, &answers, &judge),
        }
    }
    svg.end()
}

fn grid(panel: &Value, side: &str) -> f64 {
    panel["gridPos"][side].as_f64().unwrap_or(0.0)
}

/// A place in the picture.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// The unit of a panel, and which of its values are bad.
struct Judge {
    unit: String,
    /// From which value on which colour holds; the first from everywhere on.
    steps: Vec<(f64, String)>,
}

impl Judge {
    fn of(panel: &Value) -> Self {
        let defaults = &panel["fieldConfig"]["defaults"];
        let steps = defaults["thresholds"]["steps"].as_array().cloned().unwrap_or_default();
        let step = |step: &Value| {
            (
                step["value"].as_f64().unwrap_or(f64::NEG_INFINITY),
                step["color"].as_str().unwrap_or("").to_owned(),
            )
        };
        let unit = defaults["unit"].as_str().unwrap_or_default().to_owned();
        Self { unit, steps: steps.iter().map(step).collect() }
    }

    fn colour(&self, value: f64) -> &'static str {
        let step = self.steps.iter().rfind(|(from, _)| value >= *from);
        match step.map(|(_, colour)| colour.as_str()) {
            Some("green") => "#2e8b57",
            Some("orange") => "#e08a00",
            Some("red") => "#c4162a",
            _ => SHADES[0],
        }
    }

    fn text(&self, value: f64) -> String {
        match self.unit.as_str() {
            "percentunit" => format!("{} %", short(value * 100.0)),
            "percent" => format!("{} %", short(value)),
            "bytes" => scaled(value, &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB")], "B"),
            "s" => scaled(
                value,
                &[
                    (604_800.0, "weeks"),
                    (86_400.0, "d"),
                    (3600.0, "h"),
                    (60.0, "min"),
                    (1.0, "s"),
                    (1e-3, "ms"),
                ],
                "µs",
            ),
            "sci" => format!("{value:.1e}"),
            _ => short(value),
        }
    }
}

/// A value in the largest unit of which there is one.
fn scaled(value: f64, units: &[(f64, &str)], least: &str) -> String {
    match units.iter().find(|(size, _)| value.abs() >= *size) {
        Some((size, unit)) => format!("{} {unit}", short(value / size)),
        None if value == 0.0 => format!("0 {}", if least == "µs" { "s" } else { least }),
        None => format!("{} {least}", short(if least == "µs" { value * 1e6 } else { value })),
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 1e6 => format!("{:.1} M", value / 1e6),
        large if large >= 1e4 => format!("{:.1} k", value / 1e3),
        large if large >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        some if some >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

fn latest(answer: &Answer) -> Option<f64> {
    answer.points.last().map(|(_, value)| *value)
}

fn numbers(svg: &mut Svg, inside: &Frame, answers: &[Answer], judge: &Judge) {
    let shown: Vec<(&Answer, f64)> =
        answers.iter().filter_map(|answer| Some((answer, latest(answer)?))).collect();
    let Some((_, value)) = shown.first() else {
        svg.text((inside.left, inside.top + 40.0), 16, "#777", "no data");
        return;
    };
    svg.text(
        (inside.left, inside.top + inside.height / 2.0 + 12.0),
        30,
        judge.colour(*value),
        &judge.text(*value),
    );
    if shown.len() > 1 {
        let more =
            shown.iter().skip(1).map(|(answer, value)| format!("{}: {}", answer.name, judge.text(*value)));
        svg.text(
            (inside.left, inside.top + inside.height - 4.0),
            11,
            "#555",
            &more.collect::<Vec<_>>().join(", "),
        );
    }
}

fn bars(svg: &mut Svg, inside: &Frame, answers: &[Answer], judge: &Judge) {
    let shown: Vec<(&Answer, f64)> =
        answers.iter().filter_map(|answer| Some((answer, latest(answer)?))).take(BARS_MAX).collect();
    let most = shown.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let height = (inside.height / shown.len().max(1) as f64).min(28.0);
    for (n, (answer, value)) in shown.iter().enumerate() {
        let top = inside.top + n as f64 * height;
        let width = (inside.width * 0.5 * value / most).max(1.0);
        svg.text((inside.left, top + height * 0.6), 11, "#333", &answer.name);
        let bar =
            Frame { left: inside.left + inside.width * 0.34, top: top + 3.0, width, height: height - 8.0 };
        svg.fill(&bar, judge.colour(*value), 1.0);
        svg.text((bar.left + width + 6.0, top + height * 0.6), 11, "#333", &judge.text(*value));
    }
}

fn lines(svg: &mut Svg, inside: &Frame, answers: &[Answer], judge: &Judge) {
    let mut answers: Vec<&Answer> = answers.iter().collect();
    answers.sort_by(|a, b| latest(b).unwrap_or(0.0).total_cmp(&latest(a).unwrap_or(0.0)));
    answers.truncate(LINES_MAX);
    let all = || answers.iter().flat_map(|answer| &answer.points);
    let (from, until) = all().fold((f64::MAX, f64::MIN), |(a, b), (t, _)| (a.min(*t), b.max(*t)));
    let most = all().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max) * 1.1;
    let plot = Frame {
        left: inside.left + 52.0,
        width: inside.width - 56.0,
        height: inside.height - 34.0,
        ..*inside
    };
    let up = |value: f64| plot.top + plot.height * (1.0 - (value / most).clamp(0.0, 1.0));
    for (n, (bound, _)) in judge.steps.iter().enumerate() {
        let next = judge.steps.get(n + 1).map_or(most, |(next, _)| *next);
        let colour = judge.colour(*bound);
        if judge.steps.len() > 1 && colour != SHADES[0] && *bound < most {
            let top = up(next);
            let area = Frame { top, height: up(bound.max(0.0)) - top, ..plot };
            svg.fill(&area, colour, 0.1);
        }
    }
    for part in [0.0, 0.5, 1.0] {
        svg.path(&format!("M{:.1} {:.1}h{:.1}", plot.left, up(part * most), plot.width), "#ddd", 1.0);
        svg.text((inside.left, up(part * most) + 4.0), 10, "#777", &judge.text(part * most));
    }
    let across = |t: f64| plot.left + plot.width * (t - from) / (until - from).max(1.0);
    let mut legend = Vec::new();
    for (n, answer) in answers.iter().enumerate() {
        let point = |(i, (t, value)): (usize, &(f64, f64))| {
            format!("{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, across(*t), up(*value))
        };
        let path: String = answer.points.iter().enumerate().map(point).collect();
        svg.path(&path, SHADES[n % SHADES.len()], 1.8);
        legend.extend(latest(answer).map(|value| format!("{}: {}", answer.name, judge.text(value))));
    }
    svg.text((plot.left, inside.top + inside.height - 6.0), 10, "#555", &legend.join("   "));
}

/// Buckets as Prometheus gives them, each with all below it.
fn heat(svg: &mut Svg, inside: &Frame, answers: &[Answer]) {
    let bound = |answer: &Answer| answer.name.parse::<f64>().unwrap_or(f64::INFINITY);
    let mut buckets: Vec<&Answer> = answers.iter().collect();
    buckets.sort_by(|a, b| bound(a).total_cmp(&bound(b)));
    let own = |n: usize, i: usize| {
        let at = |n: usize| buckets[n].points.get(i).map_or(0.0, |(_, value)| *value);
        (at(n) - if n == 0 { 0.0 } else { at(n - 1) }).max(0.0)
    };
    let columns = buckets.iter().map(|bucket| bucket.points.len()).min().unwrap_or(0);
    let rows = buckets.len();
    let each = move || (0..rows).flat_map(move |n| (0..columns).map(move |i| (n, i)));
    let most = each().map(|(n, i)| own(n, i)).fold(f64::MIN_POSITIVE, f64::max);
    let (width, height) =
        ((inside.width - 46.0) / columns.max(1) as f64, inside.height / buckets.len().max(1) as f64);
    for (n, i) in each() {
        let top = inside.top + inside.height - (n + 1) as f64 * height;
        let cell = Frame { left: inside.left + 46.0 + i as f64 * width, top, width, height };
        svg.fill(&cell, SHADES[0], (own(n, i) / most).sqrt());
        if i == 0 {
            svg.text((inside.left, top + height - 3.0), 9, "#777", &buckets[n].name);
        }
    }
}

struct Svg(String);

impl Svg {
    fn new(width: f64, height: f64) -> Self {
        let font = "font-family=\"system-ui, sans-serif\"";
        let mut svg = Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" {font}>\n"
        ));
        svg.fill(&Frame { left: 0.0, top: 0.0, width, height }, "#f4f5f7", 1.0);
        svg
    }

    fn put(&mut self, element: &str) {
        writeln!(self.0, "{element}").expect("a string takes any line");
    }

    fn text(&mut self, (x, y): (f64, f64), size: u32, colour: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.put(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\">{text}</text>"
        ));
    }

    fn fill(&mut self, frame: &Frame, colour: &str, opacity: f64) {
        let Frame { left, top, width, height } = frame;
        self.put(&format!(
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\" \
             fill-opacity=\"{opacity:.2}\"/>"
        ));
    }

    fn path(&mut self, path: &str, colour: &str, width: f64) {
        self.put(&format!("<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"));
    }

    /// A panel's frame with its title; what is left inside.
    fn frame(&mut self, frame: &Frame, title: &str) -> Frame {
        let Frame { left, top, width, height } = *frame;
        self.fill(
            &Frame { left: left + 3.0, top: top + 3.0, width: width - 6.0, height: height - 6.0 },
            "#fff",
            1.0,
        );
        let lines = wrapped(title, width);
        for (n, line) in lines.iter().enumerate() {
            self.text((left + PAD, top + 20.0 + n as f64 * 15.0), 12, "#222", line);
        }
        let title = 14.0 + lines.len() as f64 * 15.0;
        Frame { left: left + PAD, top: top + title, width: width - 2.0 * PAD, height: height - title - PAD }
    }

    fn end(mut self) -> String {
        self.put("</svg>");
        self.0
    }
}

/// A text in lines that a width has room for.
fn wrapped(text: &str, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && (line.len() + word.len()) as f64 * 6.3 > width - 2.0 * PAD {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
