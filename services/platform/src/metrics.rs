//! What is counted and measured. Each metric is declared once, with what it means for people: its registration, the help
//! that is served with it and `docs/metrics.md` follow from that. No label ever holds an id of an account.

mod detector;
mod page;
mod process;

use prometheus::core::Collector;
pub use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry,
    Result,
};
use prometheus::{HistogramOpts, Opts};

pub use detector::DetectorMetrics;
pub use page::page;
pub use process::{PROCESS, register_process};

/// What a metric is.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, as Prometheus knows it.
    pub name: &'static str,
    /// What one of it is: `seconds`, `events`.
    pub unit: &'static str,
    /// Its labels.
    pub labels: &'static [Label],
    /// Of a histogram: the upper bounds of its buckets, ascending.
    pub buckets: &'static [f64],
    /// What it counts or measures, as one sentence.
    pub means: &'static str,
    /// Which values are bad, and what that means for people.
    pub bad: &'static str,
}

impl Metric {
    /// One with nothing in it, to be filled in.
    pub const NONE: Metric = Metric { name: "", unit: "", labels: &[], buckets: &[], means: "", bad: "" };

    fn options(&self) -> Opts {
        Opts::new(self.name, self.means)
    }

    fn histogram_options(&self) -> HistogramOpts {
        HistogramOpts::new(self.name, self.means).buckets(self.buckets.to_vec())
    }

    fn label_names(&self) -> Vec<&'static str> {
        self.labels.iter().map(|label| label.name).collect()
    }
}

/// A label, and what keeps the number of its values small.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it may hold.
    pub values: Values,
}

/// What a label may hold.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// One of these words.
    Closed(fn() -> Vec<&'static str>),
    /// Something of this shape, of which there are no more than the text says.
    Bounded {
        /// How many there can be.
        by: &'static str,
        /// Whether a text has the shape.
        is_one: fn(&str) -> bool,
    },
}

impl Values {
    /// Whether a label may hold this.
    pub fn hold(&self, value: &str) -> bool {
        match self {
            Values::Closed(words) => words().contains(&value),
            Values::Bounded { is_one, .. } => is_one(value),
        }
    }
}

/// How a metric moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from 0 at each start.
    Counter,
    /// It is what it is.
    Gauge,
    /// How often values lay up to each bound.
    Histogram,
}

impl Kind {
    /// Prometheus's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// A metric with how it moves.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// What it is.
    pub metric: Metric,
    /// How it moves.
    pub kind: Kind,
}

/// What a metric is kept in.
pub trait Instrument: Collector + Clone + Sized + 'static {
    /// How it moves.
    const KIND: Kind;

    /// Makes it.
    ///
    /// # Errors
    /// Where a name or a bucket is none.
    fn new(metric: &Metric) -> Result<Self>;
}

macro_rules! instruments {
    ($($type:ty: $kind:ident = |$metric:ident| $new:expr;)+) => {$(
        impl Instrument for $type {
            const KIND: Kind = Kind::$kind;

            fn new($metric: &Metric) -> Result<Self> {
                $new
            }
        }
    )+};
}

instruments! {
    IntCounter: Counter = |metric| IntCounter::with_opts(metric.options());
    IntCounterVec: Counter = |metric| IntCounterVec::new(metric.options(), &metric.label_names());
    IntGauge: Gauge = |metric| IntGauge::with_opts(metric.options());
    IntGaugeVec: Gauge = |metric| IntGaugeVec::new(metric.options(), &metric.label_names());
    Gauge: Gauge = |metric| Gauge::with_opts(metric.options());
    GaugeVec: Gauge = |metric| GaugeVec::new(metric.options(), &metric.label_names());
    Histogram: Histogram = |metric| Histogram::with_opts(metric.histogram_options());
    HistogramVec: Histogram = |metric| HistogramVec::new(metric.histogram_options(), &metric.label_names());
}

/// Makes what a metric is kept in, and registers it.
///
/// # Errors
/// Where its name is taken.
pub fn registered<T: Instrument>(metric: &Metric, registry: &Registry) -> Result<T> {
    let instrument = T::new(metric)?;
    registry.register(Box::new(instrument.clone()))?;
    Ok(instrument)
}

/// Declares a struct of metrics: `field: Type = Metric { .. }`. Its `DECLARED` says what each is, for the page, and its
/// `registered` registers them all, so that none is served that is not declared.
#[macro_export]
macro_rules! metrics {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($field:ident: $type:ty = $metric:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $(#[doc = concat!("What `", stringify!($field), "` is, is declared below.")] $vis $field: $type,)+
        }

        impl $name {
            /// What each of them is, in the order of the page.
            $vis const DECLARED: &'static [$crate::metrics::Declared] = &[$($crate::metrics::Declared {
                metric: $metric,
                kind: <$type as $crate::metrics::Instrument>::KIND,
            }),+];

            /// Registers all of them.
            fn registered(registry: &$crate::metrics::Registry) -> $crate::metrics::Result<Self> {
                Ok(Self { $($field: $crate::metrics::registered(&$metric, registry)?),+ })
            }
        }
    };
}

/// A model's id: one for each model that served since the start.
pub const MODEL: Label = Label {
    name: "model",
    values: Values::Bounded {
        by: "models that served since the start",
        is_one: |value| value.len() == 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
    },
};

/// Upper bounds for times of which some are short and some long, in seconds: factors of four from 0.1 µs to 27 ms.
pub const MICROSECONDS: &[f64] =
    &[1e-7, 4e-7, 1.6e-6, 6.4e-6, 2.56e-5, 1.024e-4, 4.096e-4, 1.638_4e-3, 6.553_6e-3, 2.621_44e-2];

/// The same from 0.1 ms to 26 s.
pub const MILLISECONDS: &[f64] =
    &[1e-4, 4e-4, 1.6e-3, 6.4e-3, 2.56e-2, 0.102_4, 0.409_6, 1.638_4, 6.553_6, 26.214_4];

/// Upper bounds for times in which people live, in seconds: from a second to a week.
pub const HUMAN_TIME: &[f64] =
    &[1.0, 5.0, 15.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0, 259_200.0, 604_800.0];

/// Upper bounds for probabilities.
pub const PROBABILITIES: &[f64] = &[0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// Everything registered, as Prometheus reads it.
///
/// # Errors
/// Where a metric cannot be encoded.
pub fn text(registry: &Registry) -> Result<String> {
    prometheus::TextEncoder::new().encode_to_string(&registry.gather())
}

#[cfg(test)]
mod tests;
