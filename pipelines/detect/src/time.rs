//! Event time as it is remembered: whole seconds since the epoch.

use std::sync::LazyLock;

use events::{Country, Millis};

/// Seconds since the Unix epoch, UTC; until the year 2106.
pub(crate) type Second = u32;

pub(crate) const MINUTE: Second = 60;
pub(crate) const HOUR: Second = 60 * MINUTE;
pub(crate) const DAY: Second = 24 * HOUR;

/// The second of a moment; times beyond what can be remembered are the last second.
pub(crate) fn second(ts: Millis) -> Second {
    Second::try_from(ts / 1000).unwrap_or(Second::MAX)
}

/// How long ago a moment was; 0 for what lies ahead.
pub(crate) fn ago(at: Second, now: Second) -> Second {
    now.saturating_sub(at)
}

/// Whether a moment lies in the window of this length that ends now, open at its start.
pub(crate) fn within(at: Second, window: Second, now: Second) -> bool {
    at <= now && now - at < window
}

/// Whether it is night (23 to 5 o'clock) in a country, by the zone in which most of its people live.
pub(crate) fn is_night(country: Option<Country>, at: Second) -> bool {
    let Some(country) = country else { return false };
    let hour = (i64::from(at / HOUR) + i64::from(utc_offset(country))).rem_euclid(24);
    matches!(hour, 23 | 0..5)
}

/// Hours ahead of UTC in winter, of the zone in which most people of a country live; halves are rounded down.
/// Countries that are not listed count as UTC. Source: the IANA time zone database, by the largest cities.
pub fn utc_offset(country: Country) -> i32 {
    BY_LETTERS[place(country.as_str())]
}

/// A country's place among all pairs of letters.
fn place(code: &str) -> usize {
    let letter = |b: &u8| usize::from(b.wrapping_sub(b'A') % 26);
    match code.as_bytes() {
        [first, second] => letter(first) * 26 + letter(second),
        _ => 0,
    }
}

static BY_LETTERS: LazyLock<[i32; 26 * 26]> = LazyLock::new(|| {
    let mut offsets = [0; 26 * 26];
    for (hours, codes) in OFFSETS {
        codes.split(' ').for_each(|code| offsets[place(code)] = *hours);
    }
    offsets
});

const OFFSETS: &[(i32, &str)] = &[
    (-8, "PN"),
    (-6, "BZ CR GT HN MX NI SV"),
    (-5, "CA CO CU EC HT JM PA PE US KY BS"),
    (-4, "BO CL DO GY PR PY VE TT BB LC VC GD AG DM KN"),
    (-3, "AR BR SR UY GF FK"),
    (
        1,
        "AD AL AO AT BA BE BJ CD CF CG CH CM CZ DE DK DZ ES FR GA GQ HR HU IT LI LU MA MC ME MK MT NE NG NL NO PL RS SE \
         SI SK SM TD TN VA XK",
    ),
    (2, "BG BI BW CY EE EG FI GR IL JO LB LS LT LV LY MD MW MZ NA PS RO RW SD SS SY SZ UA ZA ZM ZW"),
    (3, "BH BY DJ ER ET IQ KE KM KW MG QA RU SA SO TR TZ UG YE IR"),
    (4, "AE AM AZ GE MU OM RE SC AF"),
    (5, "KZ MV PK TJ TM UZ IN LK NP"),
    (6, "BD BT KG MM"),
    (7, "ID KH LA TH VN MN"),
    (8, "BN CN HK MO MY PH SG TW"),
    (9, "JP KP KR TL PW AU"),
    (10, "PG GU FM"),
    (11, "NC SB VU"),
    (12, "FJ KI MH NR NZ TV WF TO WS"),
];
