//! Geometry of the pictures: every number is in units of the picture's own view box.

use detect::{Evidence, EvidenceKind, Flag};
use events::Millis;

use super::words::{self, Moment};
use crate::store::p_minor;

/// The probability over a case's flags, as a line with a dot for each.
#[derive(Clone, Debug)]
pub(crate) struct Spark {
    /// Points of the line.
    pub(crate) line: String,
    /// The dots.
    pub(crate) dots: Vec<Dot>,
}

/// One flag in a [`Spark`].
#[derive(Clone, Debug)]
pub(crate) struct Dot {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) title: String,
}

const SPARK_LEFT: f64 = 40.0;
const SPARK_RIGHT: f64 = 212.0;
const SPARK_TOP: f64 = 10.0;
const SPARK_BOTTOM: f64 = 70.0;

impl Spark {
    /// Flags are evenly spread: they come when the probability has climbed, so their times tell little here.
    pub(crate) fn of(flags: &[&Flag]) -> Self {
        let gaps = flags.len().saturating_sub(1).max(1) as f64;
        let first = if flags.len() == 1 { (SPARK_LEFT + SPARK_RIGHT) / 2.0 } else { SPARK_LEFT };
        let dots: Vec<Dot> = flags
            .iter()
            .enumerate()
            .map(|(index, flag)| Dot {
                x: unit(first + (SPARK_RIGHT - SPARK_LEFT) * index as f64 / gaps),
                y: unit(SPARK_BOTTOM - (SPARK_BOTTOM - SPARK_TOP) * flag.p.clamp(0.0, 1.0)),
                title: format!("{} %, {}", words::percent(flag.p), Moment::of(flag.ts).words),
            })
            .collect();
        let line = dots.iter().map(|dot| format!("{},{}", dot.x, dot.y)).collect::<Vec<_>>().join(" ");
        Self { line, dots }
    }
}

/// The evidence along time, one lane a kind.
#[derive(Clone, Debug)]
pub(crate) struct Strip {
    pub(crate) width: f64,
    pub(crate) height: u32,
    /// Where time begins and ends.
    pub(crate) left: f64,
    pub(crate) right: f64,
    /// Where the lanes end and the axis is.
    pub(crate) axis_y: u32,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) ticks: Vec<Tick>,
    /// The picture in words.
    pub(crate) summary: String,
}

/// One kind of evidence in a [`Strip`].
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) label: &'static str,
    pub(crate) class: &'static str,
    pub(crate) y: u32,
    pub(crate) marks: Vec<Mark>,
}

/// One event in a [`Lane`].
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) x: String,
    /// Whether the counterpart is more likely a minor than not.
    pub(crate) is_minor: bool,
    pub(crate) title: String,
}

/// One moment on the axis of a [`Strip`].
#[derive(Clone, Debug)]
pub(crate) struct Tick {
    pub(crate) x: String,
    pub(crate) label: String,
}

const STRIP_LEFT: f64 = 132.0;
const STRIP_RIGHT: f64 = 588.0;
const STRIP_WIDTH: f64 = 600.0;
const LANE_HEIGHT: u32 = 30;
const AXIS_HEIGHT: u32 = 30;
const TICKS_MAX: u64 = 5;

const MINUTE_MS: Millis = 60 * 1000;
const HOUR_MS: Millis = 60 * MINUTE_MS;
const DAY_MS: Millis = 24 * HOUR_MS;

/// Distances between ticks, shortest first.
const STEPS_MS: [Millis; 13] = [
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
    28 * DAY_MS,
    91 * DAY_MS,
];

/// A stretch of time laid over the width of the strip, never empty.
struct Scale {
    from: Millis,
    length_ms: Millis,
}

impl Scale {
    fn over(events: &[&Evidence]) -> Self {
        let from = events.first().map_or(0, |e| e.ts);
        let length_ms = events.last().map_or(0, |e| e.ts).saturating_sub(from);
        let margin = (length_ms / 40).max(MINUTE_MS);
        Self { from: from.saturating_sub(margin), length_ms: length_ms + 2 * margin }
    }

    fn x(&self, at: Millis) -> f64 {
        let share = at.saturating_sub(self.from) as f64 / self.length_ms as f64;
        STRIP_LEFT + (STRIP_RIGHT - STRIP_LEFT) * share.min(1.0)
    }

    fn ticks(&self) -> Vec<Tick> {
        let fits = |step: &&Millis| self.length_ms / **step < TICKS_MAX;
        let step = STEPS_MS.iter().find(fits).copied().unwrap_or(self.length_ms / 4);
        let format = if step < DAY_MS { "%-d %b %H:%M" } else { "%-d %b" };
        let first = self.from.next_multiple_of(step);
        (0..=TICKS_MAX)
            .map(|n| first + n * step)
            .take_while(|at| *at <= self.from + self.length_ms)
            .map(|at| Tick { x: unit(self.x(at)), label: words::formatted(at, format) })
            .collect()
    }
}

impl Strip {
    /// `events` oldest first.
    pub(crate) fn of(events: &[&Evidence]) -> Self {
        use EvidenceKind::{Accepted, Blocked, Declined, FirstContact, GateRefused, Reported};
        let scale = Scale::over(events);
        let mut lanes: Vec<Lane> = Vec::new();
        for kind in [FirstContact, GateRefused, Accepted, Declined, Blocked, Reported] {
            let of_kind: Vec<Mark> =
                events.iter().filter(|e| e.kind == kind).map(|e| mark(e, &scale)).collect();
            if !of_kind.is_empty() {
                let y = LANE_HEIGHT / 2 + LANE_HEIGHT * u32::try_from(lanes.len()).unwrap_or(0);
                let (label, class) = (words::kind(kind).0, words::kind_word(kind));
                lanes.push(Lane { label, class, y, marks: of_kind });
            }
        }
        let axis_y = LANE_HEIGHT * u32::try_from(lanes.len()).unwrap_or(0);
        let (height, summary) = (axis_y + AXIS_HEIGHT, summary(&lanes, events));
        let (width, left, right) = (STRIP_WIDTH, STRIP_LEFT, STRIP_RIGHT);
        Self { width, height, left, right, axis_y, lanes, ticks: scale.ticks(), summary }
    }
}

fn mark(event: &Evidence, scale: &Scale) -> Mark {
    let (phrase, _) = words::kind(event.kind);
    let (at, minor) = (Moment::of(event.ts).words, words::likely_minor(event));
    let title = format!("{phrase}, {at}; counterpart a minor: {minor}");
    Mark { x: unit(scale.x(event.ts)), is_minor: p_minor(event).is_some_and(|p| p >= 0.5), title }
}

fn summary(lanes: &[Lane], events: &[&Evidence]) -> String {
    let counts: Vec<String> =
        lanes.iter().map(|lane| format!("{}: {}", lane.label.to_lowercase(), lane.marks.len())).collect();
    match (events.first(), events.last()) {
        (Some(first), Some(last)) => format!(
            "Events by time and kind, {} to {}. {}. The table below holds the same.",
            Moment::of(first.ts).words,
            Moment::of(last.ts).words,
            counts.join(", ")
        ),
        _ => String::new(),
    }
}

fn unit(value: f64) -> String {
    format!("{value:.1}")
}
