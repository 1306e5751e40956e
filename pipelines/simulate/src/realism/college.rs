//! What was measured on CollegeMsg: 59,835 private messages of 1,899 students (Panzarasa, Opsahl and Carley 2009;
//! distributed by SNAP).

use super::Figure;

/// Name, unit, what the values stand for, the values.
type Measured = (&'static str, &'static str, &'static [&'static str], &'static [f64]);

const MEASURED: [Measured; 13] = [
    ("first contacts that are answered", "", &["share"], &[0.467]),
    (
        "time to the answer",
        "s",
        &["p10", "p25", "p50", "p75", "p90"],
        &[122.0, 700.0, 14_040.0, 98_280.0, 544_320.0],
    ),
    ("new pairs with a common contact", "", &["share"], &[0.405]),
    ("first contacts of one account", "", &["p50", "p90", "p99", "max"], &[1.0, 18.0, 98.0, 232.0]),
    ("accounts written to by one account", "", &["p50", "p90", "p99", "max"], &[3.0, 29.0, 105.0, 237.0]),
    ("accounts that never write", "", &["share"], &[0.289]),
    ("messages of a pair", "", &["p25", "p50", "p75", "p90", "p99"], &[1.0, 2.0, 4.0, 9.0, 36.0]),
    (
        "time between two messages of one account",
        "s",
        &["p5", "p25", "p50", "p75", "p95"],
        &[21.0, 120.0, 580.0, 27_000.0, 354_240.0],
    ),
    ("burstiness", "", &["p25", "p50", "p75"], &[0.39, 0.50, 0.59]),
    (
        "answered of one account's first contacts, of ten or more",
        "",
        &["p5", "p25", "p50", "p75", "p95"],
        &[0.10, 0.36, 0.51, 0.65, 0.80],
    ),
    ("most first contacts in a day", "", &["p50", "p90", "p99", "max"], &[2.0, 8.0, 34.0, 142.0]),
    ("messages in one hour of the day", "", &["least", "greatest"], &[0.003, 0.097]),
    ("messages on one day of the week", "", &["least", "greatest"], &[0.090, 0.189]),
];

impl Figure {
    /// The figures of CollegeMsg.
    pub fn college_msg() -> Vec<Figure> {
        let figure =
            |(name, unit, points, values): &Measured| Figure { name, unit, points, values: values.to_vec() };
        MEASURED.iter().map(figure).collect()
    }
}
