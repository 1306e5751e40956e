//! Day and night, weekday and weekend, school and bedtime.

use events::{Country, Millis};

use crate::dice::{Dice, mix, whole};
use crate::{DAY, HOUR, MINUTE};

/// Relative activity by local hour. Shapes are our choice; CollegeMsg, too, has a quiet tenth of its busiest
/// hour for six hours of the night.
const ADULT: [f64; 24] = [
    2.0, 0.9, 0.4, 0.2, 0.2, 0.5, 1.5, 3.0, 4.0, 4.0, 4.2, 4.5, 5.5, 4.8, 4.2, 4.2, 4.8, 5.8, 6.8, 7.6, 8.2,
    8.0, 6.5, 4.0,
];
/// Lessons from 9 to 15, bed at 22.
const MINOR_SCHOOL_DAY: [f64; 24] = [
    0.6, 0.2, 0.1, 0.1, 0.1, 0.2, 1.5, 4.5, 4.0, 0.8, 1.2, 1.0, 3.0, 1.2, 1.0, 5.5, 8.0, 8.5, 8.5, 9.0, 9.0,
    6.5, 2.8, 1.2,
];
const MINOR_FREE_DAY: [f64; 24] = [
    1.5, 0.7, 0.3, 0.1, 0.1, 0.1, 0.3, 0.8, 2.0, 4.0, 5.5, 6.0, 6.0, 6.0, 6.2, 6.5, 6.8, 7.0, 7.2, 7.8, 8.0,
    7.0, 4.5, 2.8,
];

/// Where CollegeMsg's students are taken to live.
pub(crate) const CAMPUS_HOURS_AHEAD: i64 = -8;

/// Students of a campus, awake late: CollegeMsg's messages by hour.
const CAMPUS: [f64; 24] = [
    2.01, 1.68, 1.19, 0.56, 0.19, 0.08, 0.09, 0.18, 0.29, 0.54, 0.66, 0.75, 0.75, 0.98, 0.99, 1.08, 1.03,
    1.07, 1.12, 1.22, 1.43, 1.68, 2.13, 2.33,
];
/// Offices, schools and shops (our choice).
const OFFICE: [f64; 24] = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.6, 3.0, 7.0, 8.0, 7.5, 5.0, 6.5, 7.5, 7.0, 5.0, 2.0, 0.8, 0.4, 0.2,
    0.1, 0.0, 0.0,
];

/// When somebody is awake and free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hours {
    Adult,
    /// School on weekdays.
    Pupil,
    /// No school.
    Child,
    Campus,
    Office,
}

/// Hours ahead of UTC, and when in that time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) hours_ahead: i64,
    pub(crate) hours: Hours,
}

/// Relative activity from Monday to Sunday of a campus: CollegeMsg, measured.
const CAMPUS_WEEK: [f64; 7] = [1.05, 1.13, 1.20, 1.32, 0.97, 0.70, 0.63];

/// Relative activity from Monday to Sunday. CollegeMsg: Thursday .189, Sunday .090 of the week; milder here,
/// since not everybody is a student.
const WEEK: [f64; 7] = [1.0, 1.03, 1.05, 1.12, 1.05, 0.92, 0.88];

/// A region: its country, its hours ahead of UTC, an autonomous system, and its share of towns. The shares
/// are our choice; both countries of the published extortion cases are in, so that being there is no sign.
pub(crate) struct Region {
    pub(crate) code: &'static str,
    pub(crate) hours_ahead: i64,
    pub(crate) asn: u32,
    pub(crate) share: f64,
}

const fn region(code: &'static str, hours_ahead: i64, asn: u32, share: f64) -> Region {
    Region { code, hours_ahead, asn, share }
}

/// Where towns lie.
pub(crate) const REGIONS: [Region; 9] = [
    region("GB", 0, 2856, 0.46),
    region("US", -5, 7922, 0.20),
    region("DE", 1, 3320, 0.09),
    region("FR", 1, 3215, 0.07),
    region("IE", 0, 5466, 0.05),
    region("PL", 1, 5617, 0.04),
    region("BR", -3, 28573, 0.04),
    region("NG", 1, 37148, 0.03),
    region("CI", 0, 29571, 0.02),
];

impl Region {
    /// The country of the region.
    pub(crate) fn country(&self) -> Country {
        Country::from_code(self.code).expect("the regions' codes are assigned")
    }
}

/// 0 for Monday to 6 for Sunday, UTC.
fn weekday(day_start: Millis) -> usize {
    let days = day_start / DAY + 3; // the epoch was a Thursday
    [0, 1, 2, 3, 4, 5, 6][usize::try_from(days % 7).unwrap_or(0)]
}

/// When somebody has the application open: some sittings on most days, the same for whatever they do then, so that
/// what they do with different people falls together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waking {
    /// Names the person's sittings.
    pub(crate) key: u64,
    pub(crate) clock: Clock,
    pub(crate) is_campus: bool,
}

/// Sittings of a day, at most (our choice).
const SITTINGS: u64 = 4;

impl Clock {
    /// The activity by local hour on the day that holds `ts`.
    fn curve(self, ts: Millis) -> &'static [f64; 24] {
        match (self.hours, is_weekend(ts)) {
            (Hours::Adult, _) => &ADULT,
            (Hours::Pupil, false) => &MINOR_SCHOOL_DAY,
            (Hours::Pupil, true) | (Hours::Child, _) => &MINOR_FREE_DAY,
            (Hours::Campus, _) => &CAMPUS,
            (Hours::Office, _) => &OFFICE,
        }
    }

    /// Whether it is an hour at which hardly anybody with these hours is awake.
    pub(crate) fn is_asleep(self, ts: Millis) -> bool {
        let hour = i64::try_from(ts / HOUR % 24).unwrap_or(0) + self.hours_ahead;
        let curve = self.curve(ts);
        let now = usize::try_from(hour.rem_euclid(24)).ok().and_then(|hour| curve.get(hour)).copied();
        let mean = curve.iter().sum::<f64>() / 24.0;
        now.is_some_and(|now| now < mean / 4.0)
    }
}

impl Waking {
    /// The person's sitting that is nearest to `ts`, but after `earliest`; `ts` itself, where there is none for days.
    pub(crate) fn nearest(&self, ts: Millis, earliest: Millis) -> Millis {
        let day = ts - ts % DAY;
        let near = [day.saturating_sub(DAY), day, day + DAY];
        let sittings =
            near.iter().flat_map(|day| (0..SITTINGS).filter_map(move |nth| self.sitting(*day, nth)));
        let after = sittings.filter(|sitting| *sitting > earliest);
        after.min_by_key(|sitting| sitting.abs_diff(ts)).unwrap_or_else(|| ts.max(earliest + 1))
    }

    fn sitting(&self, day: Millis, nth: u64) -> Option<Millis> {
        let chance =
            |salt: u64| (mix(self.key, day / DAY, nth << 8 | salt) >> 11) as f64 / (1_u64 << 53) as f64;
        let happens = chance(0) < 0.45 * weekly(day, self.is_campus);
        happens.then(|| moment_at(day, self.clock, (chance(1), chance(2))))
    }
}

/// Whether it is Saturday or Sunday.
pub(crate) fn is_weekend(day_start: Millis) -> bool {
    weekday(day_start) > 4
}

/// How much is going on that day, 1 on average.
pub(crate) fn weekly(day_start: Millis, is_campus: bool) -> f64 {
    if is_campus { CAMPUS_WEEK[weekday(day_start)] } else { WEEK[weekday(day_start)] }
}

/// A moment of that UTC day at which somebody with these hours is awake and free.
pub(crate) fn moment(dice: &mut Dice, day_start: Millis, clock: Clock) -> Millis {
    moment_at(day_start, clock, (dice.unit(), dice.unit()))
}

/// The moment at which so much of the day's activity is over, and so much of its hour.
fn moment_at(day_start: Millis, clock: Clock, (of_day, of_hour): (f64, f64)) -> Millis {
    let hours = clock.curve(day_start);
    let total: f64 = hours.iter().sum();
    let mut left = of_day * total;
    let hour = hours.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    let local = i64::try_from(hour.unwrap_or(20)).unwrap_or(20);
    let utc = (local - clock.hours_ahead).rem_euclid(24).unsigned_abs();
    day_start + utc * HOUR + whole(of_hour * 60.0 * MINUTE as f64)
}
