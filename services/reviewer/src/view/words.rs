//! Numbers, times and closed words as people read them.

use std::sync::LazyLock;

use detect::{Evidence, EvidenceKind};
use events::{Category, Millis, Surface, Token};
use schema::{Feature, Schema};

use crate::store::p_minor;

/// The features that this program knows, for their units and meanings.
static FEATURES: LazyLock<Schema> = LazyLock::new(|| detect::feature_schema(&detect::Profile::default()));

/// A moment, for people and for machines.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// RFC 3339.
    pub(crate) machine: String,
    /// Year, month, day, hour and minute, with the word UTC.
    pub(crate) words: String,
}

impl Moment {
    pub(crate) fn of(at: Millis) -> Self {
        Self { machine: formatted(at, "%Y-%m-%dT%H:%M:%SZ"), words: formatted(at, "%-d %b %Y, %H:%M UTC") }
    }
}

/// A moment in this format; "unknown" where there is no such moment.
pub(super) fn formatted(at: Millis, format: &str) -> String {
    i64::try_from(at)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map_or_else(|| "unknown".to_owned(), |t| t.strftime(format).to_string())
}

/// A probability in whole per cent. Short of certainty it never says 100.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 99")]
pub(super) fn percent(p: f64) -> u8 {
    if p >= 1.0 { 100 } else { (p * 100.0).round().clamp(0.0, 99.0) as u8 }
}

/// How likely an event's counterpart is a minor, or that it is no longer kept.
pub(super) fn likely_minor(event: &Evidence) -> String {
    p_minor(event).map_or_else(|| "no longer kept".to_owned(), |p| format!("{} %", percent(p)))
}

/// How loudly a probability is shown.
pub(super) fn band(p: f64) -> &'static str {
    match p {
        p if p >= 0.9 => "band-high",
        p if p >= 0.7 => "band-middle",
        _ => "band-low",
    }
}

/// A token short enough for a line: its beginning and its end.
pub(super) fn short(token: &Token) -> String {
    let text = token.as_str();
    let (begin, end) = (text.get(..8).unwrap_or(text), text.get(text.len() - 4..).unwrap_or(""));
    if text.len() <= 16 { text.to_owned() } else { format!("{begin}…{end}") }
}

/// A sentence in which no per-cent sign stands alone at the beginning of a line.
pub(super) fn sentence(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}

/// The feature of this name, where this program knows it.
pub(super) fn feature(name: &str) -> Option<&'static Feature> {
    FEATURES.features().iter().find(|feature| feature.name == name)
}

/// A feature's value in its unit.
pub(super) fn value(name: &str, value: f64) -> String {
    feature(name).map_or_else(|| format!("{value:.2}"), |feature| feature.unit.in_words(value))
}

/// A count or an expected count, or a dash where it is not known.
pub(super) fn count(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| schema::Unit::Accounts.in_words(value))
}

/// A word of the contract as a phrase: "child_safety" as "Child safety".
fn phrase(word: &str) -> String {
    let spaced = word.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn category(category: Category) -> String {
    phrase(category.as_str())
}

pub(super) fn surface(surface: Option<Surface>) -> String {
    match surface {
        None | Some(Surface::Unknown) => "–".to_owned(),
        Some(Surface::Qr) => "QR code".to_owned(),
        Some(surface) => phrase(surface.as_str()),
    }
}

/// The machine-readable word of a kind of evidence.
pub(crate) const fn kind_word(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::FirstContact => "first_contact",
        EvidenceKind::GateRefused => "gate_refused",
        EvidenceKind::Accepted => "accepted",
        EvidenceKind::Declined => "declined",
        EvidenceKind::Blocked => "blocked",
        EvidenceKind::Reported => "reported",
    }
}

/// A kind of evidence as a phrase, and as a sentence about the account.
pub(super) const fn kind(kind: EvidenceKind) -> (&'static str, &'static str) {
    match kind {
        EvidenceKind::FirstContact => ("First contact", "It contacted somebody for the first time"),
        EvidenceKind::GateRefused => ("Refused by platform", "The platform refused its attempt"),
        EvidenceKind::Accepted => ("Accepted", "Its request was accepted"),
        EvidenceKind::Declined => ("Declined or lapsed", "Its request was declined, or lapsed"),
        EvidenceKind::Blocked => ("Blocked", "Somebody it had contacted blocked it"),
        EvidenceKind::Reported => ("Reported", "Somebody it had contacted reported it"),
    }
}
