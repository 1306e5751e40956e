//! Whether a day is unlike the days before it, beyond what chance and the usual difference of days explain.
//!
//! What is compared is three numbers a column: the mean rank among the reference's values, the share that is absent, and
//! how the values are spread over the reference's tenths. Each reference day gives one value of each, and so says how
//! much days differ where nothing has changed, whatever makes them differ. A day is held against that by Student's t,
//! over all numbers and seven days at once (Bonferroni); a number counts for no more than what the reference days show
//! among themselves, each held against the others.

mod student;

use serde::Serialize;

use student::two_sided;

/// How often some alarm is raised within a week in which nothing has changed, at most.
pub const FALSE_ALARMS_A_WEEK: f64 = 0.01;

/// So many reference days there must be.
pub const DAYS_MIN: usize = 7;

/// So many rows a day must have.
pub const ROWS_MIN: usize = 100;

/// Into how many parts of equally many rows the reference's values are cut.
const BINS: usize = 10;

/// What concerns fewer rows than this is left to chance: means of few are not normal.
const CONCERNED_MIN: f64 = 12.0;

/// One day of scored accounts.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// Which, in days since the epoch.
    pub day: u64,
    /// A row an account: its columns, NaN where absent.
    pub rows: Vec<Vec<f32>>,
    /// Accounts that were scored, and those of them that reached the threshold.
    pub scored: (u64, u64),
}

/// What is unlike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlike {
    /// Values are higher or lower.
    Level,
    /// Values are absent more or less often.
    Absence,
    /// Values are spread otherwise.
    Spread,
    /// More or fewer accounts reach the threshold.
    FlagRate,
}

/// One number that is unlike the reference days'.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// The column, or `flag_rate`.
    pub column: String,
    /// What of it.
    pub unlike: Unlike,
    /// The mean over the reference days.
    pub usual: f64,
    /// The day's.
    pub found: f64,
    /// How probable so much is where nothing has changed, before it is counted how many numbers were looked at.
    pub p: f64,
}

/// What a day came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// Which, in days since the epoch.
    pub day: u64,
    /// Rows that were compared.
    pub rows: usize,
    /// The least probability of all numbers.
    pub least_p: f64,
    /// What is unlike, least probable first.
    pub alarms: Vec<Alarm>,
}

/// What days are like where nothing has changed.
#[derive(Clone, Debug)]
pub struct Reference {
    names: Vec<String>,
    bins: Vec<Bins>,
    /// A row a reference day: its numbers.
    numbers: Vec<Vec<f64>>,
    /// Below which probability a number is unlike.
    threshold: f64,
}

/// Why there is no reference.
#[derive(Debug, thiserror::Error)]
pub enum TooLittle {
    /// Too few days.
    #[error("there are {0} reference days of at least {ROWS_MIN} rows; {DAYS_MIN} are needed")]
    Days(usize),
}

impl Reference {
    /// Of days in which nothing is taken to have changed, with these columns.
    ///
    /// # Errors
    /// Where there are too few days of enough rows.
    pub fn of(names: Vec<String>, days: &[Day]) -> Result<Self, TooLittle> {
        let days: Vec<&Day> = days.iter().filter(|day| day.rows.len() >= ROWS_MIN).collect();
        if days.len() < DAYS_MIN {
            return Err(TooLittle::Days(days.len()));
        }
        let column = |c: usize| days.iter().flat_map(move |day| day.rows.iter().map(move |row| row[c]));
        let bins: Vec<Bins> = (0..names.len()).map(|c| Bins::of(column(c).collect())).collect();
        let numbers: Vec<Vec<f64>> = days.iter().map(|day| numbers(&bins, day)).collect();
        let count = numbers[0].len();
        let mut reference =
            Self { names, bins, numbers, threshold: FALSE_ALARMS_A_WEEK / 7.0 / count as f64 };
        let among_themselves =
            (0..reference.numbers.len()).map(|out| reference.least_p_without(out, days[out]));
        let least = among_themselves.fold(1.0, f64::min);
        reference.threshold = reference.threshold.min(least);
        Ok(reference)
    }

    /// The probability below which a number is unlike.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Days that it is made of.
    pub fn days(&self) -> usize {
        self.numbers.len()
    }

    /// Holds a day against the reference; none where it has too few rows.
    pub fn judge(&self, day: &Day) -> Option<Judged> {
        if day.rows.len() < ROWS_MIN {
            return None;
        }
        let found = numbers(&self.bins, day);
        let mut alarms = Vec::new();
        let mut least_p = 1.0_f64;
        for (place, found) in found.iter().enumerate() {
            let usual = self.numbers.iter().map(|numbers| numbers[place]);
            let (mean, p) = surprise(usual, *found, self.floor(place, day));
            least_p = least_p.min(p);
            if p < self.threshold {
                let (column, unlike) = self.name(place);
                alarms.push(Alarm { column, unlike, usual: mean, found: *found, p });
            }
        }
        alarms.sort_by(|a, b| a.p.total_cmp(&b.p));
        Some(Judged { day: day.day, rows: day.rows.len(), least_p, alarms })
    }

    /// What one reference day would have come to against the others.
    fn least_p_without(&self, out: usize, day: &Day) -> f64 {
        let p = |place: usize| {
            let others = self.numbers.iter().enumerate().filter(|(n, _)| *n != out);
            surprise(
                others.map(|(_, numbers)| numbers[place]),
                self.numbers[out][place],
                self.floor(place, day),
            )
            .1
        };
        (0..self.numbers[out].len()).map(p).fold(1.0, f64::min)
    }

    fn name(&self, place: usize) -> (String, Unlike) {
        match self.names.get(place / 3) {
            Some(name) => (name.clone(), [Unlike::Level, Unlike::Absence, Unlike::Spread][place % 3]),
            None => ("flag_rate".to_owned(), Unlike::FlagRate),
        }
    }

    /// The least difference that is looked at, and the least deviation of days: what a few rows make.
    fn floor(&self, place: usize, day: &Day) -> (f64, f64) {
        let rows = day.rows.len() as f64;
        match (place / 3 < self.names.len(), place % 3) {
            (true, 2) => (0.0, 0.05),
            (true, _) => (CONCERNED_MIN / rows, 1.0 / rows),
            // A square root moves by half of what its square does.
            (false, _) => {
                let scored = day.scored.0.max(1) as f64;
                (0.0, 0.5 / scored.sqrt())
            }
        }
    }
}

/// The mean of what is usual, and how probable something so far from it is.
fn surprise(usual: impl Iterator<Item = f64> + Clone, found: f64, floor: (f64, f64)) -> (f64, f64) {
    let n = usual.clone().count() as f64;
    let mean = usual.clone().sum::<f64>() / n;
    let variance = usual.map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let (least, deviation) = (floor.0, variance.sqrt().max(floor.1));
    if (found - mean).abs() < least {
        return (mean, 1.0);
    }
    // The mean of the reference days is uncertain too.
    let t = (found - mean) / (deviation * (1.0 + 1.0 / n).sqrt());
    (mean, two_sided(t, n - 1.0))
}

/// How a column's values are cut.
#[derive(Clone, Debug)]
struct Bins {
    /// A value is in the first part whose edge is not below it; what is above all edges is in one more.
    edges: Vec<f32>,
    /// The mean rank of each part, 0 to 1, and its share of the values that are there.
    parts: Vec<(f64, f64)>,
}

impl Bins {
    fn of(values: Vec<f32>) -> Self {
        let mut there: Vec<f32> = values.into_iter().filter(|value| !value.is_nan()).collect();
        there.sort_by(f32::total_cmp);
        let mut edges: Vec<f32> = (1..=BINS)
            .filter_map(|part| there.get((there.len() * part / BINS).max(1) - 1).copied())
            .collect();
        edges.dedup();
        let mut parts = Vec::with_capacity(edges.len() + 1);
        let mut below = 0;
        for edge in &edges {
            let upto = there.partition_point(|value| value <= edge);
            let all = there.len() as f64;
            parts.push(((below + upto) as f64 / 2.0 / all, (upto - below) as f64 / all));
            below = upto;
        }
        parts.push((1.0, 0.0));
        Self { edges, parts }
    }

    /// Mean rank, share absent, and the cube root of the population stability index, which is nearly normal (Wilson and
    /// Hilferty 1931).
    fn numbers(&self, values: impl Iterator<Item = f32>) -> [f64; 3] {
        let mut counts = vec![0.0; self.parts.len()];
        let (mut all, mut there) = (0.0, 0.0);
        for value in values {
            all += 1.0;
            if !value.is_nan() {
                there += 1.0;
                counts[self.edges.partition_point(|edge| *edge < value)] += 1.0;
            }
        }
        let absent = 1.0 - there / all;
        if there < CONCERNED_MIN {
            return [0.5, absent, 0.0];
        }
        let ranks: f64 = counts.iter().zip(&self.parts).map(|(count, (rank, _))| count * rank).sum();
        let smooth = |share: f64| (share * there + 0.5) / (there + 0.5 * self.parts.len() as f64);
        let psi: f64 = counts
            .iter()
            .zip(&self.parts)
            .map(|(count, (_, usual))| (smooth(count / there), smooth(*usual)))
            .map(|(now, usual)| (now - usual) * (now / usual).ln())
            .sum();
        [ranks / there, absent, psi.cbrt()]
    }
}

/// Every number of a day: three a column, and the flag rate's square root, whose deviation is the same for few flags
/// and for many.
fn numbers(bins: &[Bins], day: &Day) -> Vec<f64> {
    let column = |c: usize| day.rows.iter().map(move |row| row[c]);
    let mut numbers: Vec<f64> =
        bins.iter().enumerate().flat_map(|(c, bins)| bins.numbers(column(c))).collect();
    let (scored, flagged) = day.scored;
    numbers.push(((flagged as f64 + 0.375) / scored.max(1) as f64).sqrt());
    numbers
}

#[cfg(test)]
mod tests;
