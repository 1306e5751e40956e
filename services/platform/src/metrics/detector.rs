//! The detector's metrics.

use events::{EventType, Rule};

use super::{
    Gauge, GaugeVec, HUMAN_TIME, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Label, MICROSECONDS, MILLISECONDS, MODEL, Metric, PROBABILITIES, Registry, Result, Values,
};

const TYPE: Label =
    Label { name: "type", values: Values::Closed(|| EventType::ALL.iter().map(|of| of.as_str()).collect()) };
const RULE: Label =
    Label { name: "rule", values: Values::Closed(|| Rule::ALL.iter().map(|rule| rule.as_str()).collect()) };
const GATE: Label = Label { name: "outcome", values: Values::Closed(|| GATE_OUTCOMES.to_vec()) };
const MOVE: Label = Label { name: "outcome", values: Values::Closed(|| MOVE_OUTCOMES.to_vec()) };
const WHOSE: Label = Label { name: "whose", values: Values::Closed(|| WHOSE_FLAGS.to_vec()) };
const PARTITION: Label = Label {
    name: "partition",
    values: Values::Bounded {
        by: "partitions of the events' topic",
        is_one: |value| value.parse::<u16>().is_ok(),
    },
};

const GATE_OUTCOMES: [&str; 2] = ["scored", "out_of_reach"];
const MOVE_OUTCOMES: [&str; 3] = ["taken", "refused", "halted"];
const WHOSE_FLAGS: [&str; 2] = ["challenger", "champion"];

crate::metrics! {
    /// The detector's metrics, registered.
    pub struct DetectorMetrics {
        events: IntCounterVec = Metric {
            name: "silhouette_events_total",
            unit: "events",
            labels: &[TYPE],
            means: "Events taken in.",
            bad: "Stands still: nothing is seen of what people do to each other. One type stands still: the features that \
                  need it go blind one by one.",
            ..Metric::NONE
        },
        rejects: IntCounterVec = Metric {
            name: "silhouette_rejects_total",
            unit: "events",
            labels: &[RULE],
            means: "Events refused, each of which is a dead letter.",
            bad: "More than one in a thousand: a producer writes what the contract does not have, and what its people do is \
                  not seen.",
            ..Metric::NONE
        },
        late: IntCounter = Metric {
            name: "silhouette_late_events_total",
            unit: "events",
            means: "Events that came too late and were dropped.",
            bad: "Grows: what these events tell of is never looked at.",
            ..Metric::NONE
        },
        merged: IntCounter = Metric {
            name: "silhouette_merged_events_total",
            unit: "events",
            means: "Events that came after their tick and were merged into a later one.",
            bad: "A large share of the events: flags come later than they could.",
            ..Metric::NONE
        },
        duplicates: IntCounter = Metric {
            name: "silhouette_duplicate_events_total",
            unit: "events",
            means: "Events that came after their tick and had been counted before.",
            bad: "Grows for long: a producer sends the same again and again. Nothing is counted twice.",
            ..Metric::NONE
        },
        gated: IntCounterVec = Metric {
            name: "silhouette_gated_accounts_total",
            unit: "accounts",
            labels: &[GATE],
            means: "Accounts that something happened to, by whether their score could reach the threshold.",
            bad: "None is scored for hours: either nothing happens, or the gate and the model do not fit.",
            ..Metric::NONE
        },
        flags: IntCounterVec = Metric {
            name: "silhouette_flags_total",
            unit: "flags",
            labels: &[MODEL],
            means: "Flags that were shown.",
            bad: "Stands still where it used to grow: people in danger are not found. Three times as many as usual: \
                  innocent people are flagged, and who is in danger waits behind them.",
            ..Metric::NONE
        },
        flag_delay_seconds: Histogram = Metric {
            name: "silhouette_flag_delay_seconds",
            unit: "seconds",
            buckets: HUMAN_TIME,
            means: "Time from the tick at which a flag was found to when it went out.",
            bad: "Above two minutes: somebody who could have been warned has met one more in between.",
            ..Metric::NONE
        },
        held_flags: IntCounter = Metric {
            name: "silhouette_held_flags_total",
            unit: "flags",
            means: "Flags that are not shown, because their model found more than may be shown in an hour.",
            bad: "Grows: a model is silenced, and whoever it finds is not looked at.",
            ..Metric::NONE
        },
        silenced: IntGaugeVec = Metric {
            name: "silhouette_model_silenced",
            unit: "yes or no",
            labels: &[MODEL],
            means: "Whether a model is silenced, because it found more than may be shown in an hour.",
            bad: "1: nobody whom it finds is looked at until a person lifts that or goes back.",
            ..Metric::NONE
        },
        model_share: IntGaugeVec = Metric {
            name: "silhouette_model_share_percent",
            unit: "percent of the accounts",
            labels: &[MODEL],
            means: "Of every hundred accounts, those whose flags are of the model.",
            bad: "Not what was agreed on: other people's flags are of a model that was not approved for them.",
            ..Metric::NONE
        },
        scored: IntCounterVec = Metric {
            name: "silhouette_scored_accounts_total",
            unit: "accounts",
            labels: &[MODEL],
            means: "Accounts scored.",
            bad: "Stands still while events come: nobody is looked at.",
            ..Metric::NONE
        },
        found: IntCounterVec = Metric {
            name: "silhouette_found_flags_total",
            unit: "flags",
            labels: &[MODEL],
            means: "Flags that a model found, whether or not they were shown.",
            bad: "As of `silhouette_flags_total`, and before anybody is shown anything where the model is in shadow.",
            ..Metric::NONE
        },
        probability: HistogramVec = Metric {
            name: "silhouette_probability",
            unit: "probability",
            labels: &[MODEL],
            buckets: PROBABILITIES,
            means: "Calibrated probability of the accounts that were scored.",
            bad: "Moves to one side within days: people, the platform or the model have changed.",
        },
        disagreed: IntCounter = Metric {
            name: "silhouette_disagreed_accounts_total",
            unit: "accounts",
            means: "Accounts that only one of champion and challenger flags.",
            bad: "Nearly as many as the flags: the two are about different people.",
            ..Metric::NONE
        },
        challenger_flags: IntGaugeVec = Metric {
            name: "silhouette_challenger_flags",
            unit: "flags",
            labels: &[WHOSE],
            means: "Flags among the challenger's accounts since it got its share: its own, and those that the champion would \
                    have shown.",
            bad: "Far apart: the challenger is halted, and what it showed should be looked at again.",
            ..Metric::NONE
        },
        model_moves: IntCounterVec = Metric {
            name: "silhouette_model_moves_total",
            unit: "moves",
            labels: &[MOVE],
            means: "Moves of the registry's aliases: taken, refused, or halted here.",
            bad: "One refused: another model serves than people agreed on. One halted: a challenger flagged far more or far \
                  fewer people than the champion.",
            ..Metric::NONE
        },
        lag_seconds: Gauge = Metric {
            name: "silhouette_lag_seconds",
            unit: "seconds",
            means: "Age of the latest event read; 0 when everything has been read, NaN until that is known.",
            bad: "Above five minutes and growing: who is in danger now is seen later and later.",
            ..Metric::NONE
        },
        partition_lag_seconds: GaugeVec = Metric {
            name: "silhouette_partition_lag_seconds",
            unit: "seconds",
            labels: &[PARTITION],
            means: "Age of a partition's clock; 0 when the partition has been read to its end.",
            bad: "One far above the others: the people of that partition are seen late, and its clock holds up all others.",
            ..Metric::NONE
        },
        partition_clock: GaugeVec = Metric {
            name: "silhouette_partition_clock_timestamp_seconds",
            unit: "seconds",
            labels: &[PARTITION],
            means: "Up to when a partition has been heard: event time, since the epoch.",
            bad: "Far apart: events wait in memory for the slowest partition, and no tick is closed.",
            ..Metric::NONE
        },
        closed_tick: Gauge = Metric {
            name: "silhouette_closed_tick_timestamp_seconds",
            unit: "seconds",
            means: "Up to when everybody has been scored: event time, since the epoch; NaN before the first tick.",
            bad: "Stands still while events come: nobody is scored, however many events are read.",
            ..Metric::NONE
        },
        waiting: IntGauge = Metric {
            name: "silhouette_waiting_events",
            unit: "events",
            means: "Events that wait for their tick.",
            bad: "Grows without end: a partition holds the others back.",
            ..Metric::NONE
        },
        held: IntGauge = Metric {
            name: "silhouette_held_partitions",
            unit: "partitions",
            means: "Partitions left unread because they run ahead while too many events wait.",
            bad: "Above 0 for long: some people are not looked at until others' events have come.",
            ..Metric::NONE
        },
        batch_seconds: Histogram = Metric {
            name: "silhouette_batch_seconds",
            unit: "seconds",
            buckets: MILLISECONDS,
            means: "Time to take in a batch. Its sum, a second, is how busy detection is.",
            bad: "The sum grows by nearly a second in a second: detection has no room left for a peak.",
            ..Metric::NONE
        },
        score_seconds: Histogram = Metric {
            name: "silhouette_score_seconds",
            unit: "seconds",
            buckets: MICROSECONDS,
            means: "Time to compute and score one account, on average over a batch.",
            bad: "Grows: detection will fall behind at the next peak.",
            ..Metric::NONE
        },
        snapshot_age_seconds: Gauge = Metric {
            name: "silhouette_snapshot_age_seconds",
            unit: "seconds",
            means: "Age of the latest durable snapshot.",
            bad: "Above five minutes: a restart repeats all that time, and nobody is looked at meanwhile.",
            ..Metric::NONE
        },
        snapshot_seconds: Histogram = Metric {
            name: "silhouette_snapshot_seconds",
            unit: "seconds",
            buckets: MILLISECONDS,
            means: "Time until a snapshot was durable.",
            bad: "Grows: the disk is slow or nearly full.",
            ..Metric::NONE
        },
        snapshot_pause_seconds: Histogram = Metric {
            name: "silhouette_snapshot_pause_seconds",
            unit: "seconds",
            buckets: MILLISECONDS,
            means: "Time for which a snapshot held up events.",
            bad: "Seconds: flags come that much later.",
            ..Metric::NONE
        },
        accounts: IntGauge = Metric {
            name: "silhouette_accounts",
            unit: "accounts",
            means: "Accounts remembered.",
            bad: "Falls: the state was built anew, and what was known of people is gone until the log has been read again.",
            ..Metric::NONE
        },
    }
}

impl DetectorMetrics {
    /// Registers the detector's metrics.
    ///
    /// # Errors
    /// Where one of their names is taken.
    pub fn register(registry: &Registry) -> Result<Self> {
        let metrics = Self::registered(registry)?;
        // Until the detector has seen its stream, nobody knows.
        metrics.lag_seconds.set(f64::NAN);
        metrics.closed_tick.set(f64::NAN);
        // A first of its kind must be seen to have come since the start.
        for of in EventType::ALL {
            metrics.events.with_label_values(&[of.as_str()]);
        }
        for rule in Rule::ALL {
            metrics.rejects.with_label_values(&[rule.as_str()]);
        }
        GATE_OUTCOMES.iter().for_each(|outcome| drop(metrics.gated.with_label_values(&[*outcome])));
        MOVE_OUTCOMES.iter().for_each(|outcome| drop(metrics.model_moves.with_label_values(&[*outcome])));
        WHOSE_FLAGS.iter().for_each(|whose| drop(metrics.challenger_flags.with_label_values(&[*whose])));
        Ok(metrics)
    }
}
