//! For whoever keeps detection running: is everybody seen, and in time?

use super::board::{Board, Judge, Panel, Row, Shape};

/// The dashboard of the way from events to flags.
pub(super) const BOARD: Board = Board {
    uid: "silhouette-pipeline",
    title: "Silhouette / Pipeline",
    about: "Is everybody seen, and in time? From the platform's events to flags.",
    selects: "silhouette_lag_seconds",
    since: "now-3h",
    rows: &[
        Row {
            title: "Now",
            panels: &[
                Panel {
                    question: "How far behind is detection?",
                    about: "Age of the latest event read; 0 when everything has been read. Whoever is in danger now is seen \
                            that much later.",
                    unit: "s",
                    shape: Shape::Number,
                    queries: &[("behind", "max(silhouette_lag_seconds{$on})")],
                    judge: Judge::High(60.0, 300.0),
                },
                Panel {
                    question: "How much is refused?",
                    about: "Share of the events that the contract does not admit. At most one in a thousand may be over a month.",
                    unit: "percentunit",
                    shape: Shape::Number,
                    queries: &[(
                        "refused",
                        "sum(rate(silhouette_rejects_total{$on}[$__rate_interval])) / (sum(rate(silhouette_events_total{$on}[$__rate_interval])) + sum(rate(silhouette_rejects_total{$on}[$__rate_interval])))",
                    )],
                    judge: Judge::High(0.001, 0.005),
                },
                Panel {
                    question: "How old is the latest snapshot?",
                    about: "A restart repeats that much time, and nobody new is looked at meanwhile.",
                    unit: "s",
                    shape: Shape::Number,
                    queries: &[("old", "max(silhouette_snapshot_age_seconds{$on})")],
                    judge: Judge::High(60.0, 300.0),
                },
                Panel {
                    question: "How long has it been running?",
                    about: "Time since the process started. Short again and again: it dies and is started again.",
                    unit: "s",
                    shape: Shape::Number,
                    queries: &[("running", "time() - max(process_start_time_seconds{$on})")],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "What comes in",
            panels: &[
                Panel {
                    question: "How many events a second?",
                    about: "Events taken in, by type. A type that stops takes away what rests on it.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{type}}",
                        "sum by (type) (rate(silhouette_events_total{$on}[$__rate_interval])) > 0",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "What is refused, and by which rule?",
                    about: "Events refused a second. Each is a dead letter with its position; the rule says what its producer \
                            does wrong.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{rule}}",
                        "sum by (rule) (rate(silhouette_rejects_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "What comes late, and what comes twice?",
                    about: "Events a second that came after their tick: merged into a later one, counted before, or too late and \
                            dropped. What is dropped is never looked at.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[
                        ("dropped", "sum(rate(silhouette_late_events_total{$on}[$__rate_interval]))"),
                        ("merged", "sum(rate(silhouette_merged_events_total{$on}[$__rate_interval]))"),
                        ("came twice", "sum(rate(silhouette_duplicate_events_total{$on}[$__rate_interval]))"),
                    ],
                    judge: Judge::None,
                },
                Panel {
                    question: "How many accounts are looked at, and how many scored?",
                    about: "Accounts a second that something happened to, by whether their score could reach the threshold. Only \
                            those are scored.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{outcome}}",
                        "sum by (outcome) (rate(silhouette_gated_accounts_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Time",
            panels: &[
                Panel {
                    question: "How far behind is each partition?",
                    about: "Age of each partition's clock; 0 when it has been read to its end. One far above the others holds \
                            up all of them.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{partition}}",
                        "max by (partition) (silhouette_partition_lag_seconds{$on})",
                    )],
                    judge: Judge::High(60.0, 300.0),
                },
                Panel {
                    question: "How far apart are the partitions?",
                    about: "Between the clock furthest ahead and the one furthest behind. A tick closes once all have passed it.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "apart",
                        "max(silhouette_partition_clock_timestamp_seconds{$on}) - min(silhouette_partition_clock_timestamp_seconds{$on})",
                    )],
                    judge: Judge::High(300.0, 3600.0),
                },
                Panel {
                    question: "How far behind the latest event is scoring?",
                    about: "Between the latest event time heard and the tick up to which everybody has been scored. A tick and \
                            the lateness (70 s by default) are as it should be.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "behind",
                        "max(silhouette_partition_clock_timestamp_seconds{$on}) - max(silhouette_closed_tick_timestamp_seconds{$on})",
                    )],
                    judge: Judge::High(300.0, 3600.0),
                },
                Panel {
                    question: "How long after its tick is a flag out?",
                    about: "Half and 95 in a hundred flags within this time.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[
                        (
                            "half within",
                            "histogram_quantile(0.5, sum by (le) (rate(silhouette_flag_delay_seconds_bucket{$on}[$__rate_interval])))",
                        ),
                        (
                            "95 % within",
                            "histogram_quantile(0.95, sum by (le) (rate(silhouette_flag_delay_seconds_bucket{$on}[$__rate_interval])))",
                        ),
                    ],
                    judge: Judge::High(120.0, 300.0),
                },
            ],
        },
        Row {
            title: "Room to spare",
            panels: &[
                Panel {
                    question: "How busy is detection?",
                    about: "Share of its one thread's time spent on events. Near 100 %, the next peak is worked off later.",
                    unit: "percentunit",
                    shape: Shape::Lines,
                    queries: &[("busy", "sum(rate(silhouette_batch_seconds_sum{$on}[$__rate_interval]))")],
                    judge: Judge::High(0.7, 0.9),
                },
                Panel {
                    question: "How many events wait for their tick?",
                    about: "Events in memory, and partitions that are left unread because they run ahead while too many wait \
                            (`detect.waiting_max`).",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[
                        ("events", "sum(silhouette_waiting_events{$on})"),
                        ("partitions left unread", "sum(silhouette_held_partitions{$on})"),
                    ],
                    judge: Judge::None,
                },
                Panel {
                    question: "How long do snapshots take?",
                    about: "Until a snapshot is durable, and for how long it holds up events: 99 in a hundred.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[
                        (
                            "until durable",
                            "histogram_quantile(0.99, sum by (le) (rate(silhouette_snapshot_seconds_bucket{$on}[$__rate_interval])))",
                        ),
                        (
                            "holding up events",
                            "histogram_quantile(0.99, sum by (le) (rate(silhouette_snapshot_pause_seconds_bucket{$on}[$__rate_interval])))",
                        ),
                    ],
                    judge: Judge::High(5.0, 30.0),
                },
                Panel {
                    question: "How long does a batch take?",
                    about: "To take in up to `detect.batch_events` events and close their ticks: 99 in a hundred.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "99 % within",
                        "histogram_quantile(0.99, sum by (le) (rate(silhouette_batch_seconds_bucket{$on}[$__rate_interval])))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "What does a million events cost?",
                    about: "Seconds of a processor for a million events, everything included.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "processor",
                        "1e6 * sum(rate(process_cpu_seconds_total{$on}[$__rate_interval])) / sum(rate(silhouette_events_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "How much memory is in use?",
                    about: "Of the whole process.",
                    unit: "bytes",
                    shape: Shape::Lines,
                    queries: &[("{{instance}}", "sum by (instance) (process_resident_memory_bytes{$on})")],
                    judge: Judge::None,
                },
                Panel {
                    question: "What does an account cost?",
                    about: "Memory of the process for each account that is remembered.",
                    unit: "bytes",
                    shape: Shape::Number,
                    queries: &[(
                        "bytes",
                        "sum(process_resident_memory_bytes{$on}) / sum(silhouette_accounts{$on})",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "How many accounts are remembered?",
                    about: "Falls only where the state was built anew.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("accounts", "sum(silhouette_accounts{$on})")],
                    judge: Judge::None,
                },
                Panel {
                    question: "How near are open files to what is allowed?",
                    about: "Share of the open files and connections that the system allows. At 100 % connections are refused.",
                    unit: "percentunit",
                    shape: Shape::Number,
                    queries: &[("open files", "max(process_open_fds{$on} / process_max_fds{$on})")],
                    judge: Judge::High(0.7, 0.9),
                },
            ],
        },
    ],
};
