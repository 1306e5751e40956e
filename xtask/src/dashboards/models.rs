//! For whoever answers for models: does a flag mean what it says?

use super::board::{Board, Judge, Panel, Row, Shape};

/// The dashboard of models.
pub(super) const BOARD: Board = Board {
    uid: "silhouette-models",
    title: "Silhouette / Models",
    about: "Does a flag mean what it says, and is it about the same people as before?",
    selects: r#"{__name__=~"silhouette_accounts|silhouette_review_database_up"}"#,
    since: "now-24h",
    rows: &[
        Row {
            title: "Who serves",
            panels: &[
                Panel {
                    question: "Which model's flags are shown, and for whom?",
                    about: "Of every hundred accounts, those whose flags are of each model. A challenger in shadow has 0.",
                    unit: "percent",
                    shape: Shape::Bars,
                    queries: &[("{{model}}", "max by (model) (silhouette_model_share_percent{$on})")],
                    judge: Judge::None,
                },
                Panel {
                    question: "What became of moves of the registry?",
                    about: "Within a day. Refused: another model serves than people agreed on. Halted: a challenger flagged far \
                            more or far fewer people than the champion would have.",
                    unit: "short",
                    shape: Shape::Bars,
                    queries: &[(
                        "{{outcome}}",
                        "sum by (outcome) (increase(silhouette_model_moves_total{$on}[1d]))",
                    )],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Whom they flag",
            panels: &[
                Panel {
                    question: "How many accounts does each model flag?",
                    about: "Flags an hour that each model found, whether or not they were shown. To 0: nobody is found any more. \
                            Three times the usual: most are probably of innocent people.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{model}}",
                        "3600 * sum by (model) (rate(silhouette_found_flags_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "How many flags are shown, against the last day?",
                    about: "Flags of the last hour against an hour's share of the last day. Above three, an alert fires; 0 for \
                            long, another one. On the first day an hour is a large part of all, and the line lies high.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "times the usual",
                        "24 * sum(increase(silhouette_flags_total{$on}[1h])) / sum(increase(silhouette_flags_total{$on}[1d]))",
                    )],
                    judge: Judge::High(2.0, 3.0),
                },
                Panel {
                    question: "How probable does detection hold abuse?",
                    about: "Accounts scored a second, by calibrated probability. A band that moves within days means that people, \
                            the platform or the model have changed.",
                    unit: "short",
                    shape: Shape::Heat,
                    queries: &[(
                        "{{le}}",
                        "sum by (le) (rate(silhouette_probability_bucket{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "Of the accounts scored, how many are flagged?",
                    about: "Share of the scored accounts that each model flags.",
                    unit: "percentunit",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{model}}",
                        "sum by (model) (rate(silhouette_found_flags_total{$on}[$__rate_interval])) / sum by (model) (rate(silhouette_scored_accounts_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Is what they promise found?",
            panels: &[
                Panel {
                    question: "Do people find what detection promised?",
                    about: "Mean probability of the cases decided within seven days, and the share that people found abusive, with \
                            its interval (95 %). The promise above the interval: the model overstates, and people believe it.",
                    unit: "percentunit",
                    shape: Shape::Lines,
                    queries: &[
                        ("promised", "silhouette:promised:ratio7d"),
                        ("found", "silhouette:precision:ratio7d"),
                        ("found at least", "silhouette:precision_low:ratio7d"),
                        ("found at most", "silhouette:precision_high:ratio7d"),
                    ],
                    judge: Judge::None,
                },
                Panel {
                    question: "Up to which probability was how much abuse found?",
                    about: "Of the cases decided within 28 days whose probability was at most this, the share found abusive. A \
                            calibrated model's bars lie below their names.",
                    unit: "percentunit",
                    shape: Shape::Bars,
                    queries: &[(
                        "at most {{le}}",
                        r#"sum by (le) (increase(silhouette_review_decided_probability_bucket{outcome="abusive", $on}[28d])) / sum by (le) (increase(silhouette_review_decided_probability_bucket{$on}[28d]))"#,
                    )],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Champion and challenger",
            panels: &[
                Panel {
                    question: "Is a model silenced?",
                    about: "1: it found more than may be shown in an hour, and nobody whom it finds is looked at until a person \
                            lifts that.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("{{model}}", "max by (model) (silhouette_model_silenced{$on})")],
                    judge: Judge::High(1.0, 1.0),
                },
                Panel {
                    question: "How many flags are held back?",
                    about: "Flags of silenced models, an hour. Each is an account that is not looked at.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "flags an hour",
                        "3600 * sum(rate(silhouette_held_flags_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::High(1.0, 10.0),
                },
                Panel {
                    question: "How often do champion and challenger disagree?",
                    about: "Accounts that only one of them flags, against those that the champion flags or both score. Without a \
                            challenger, 0.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "accounts an hour",
                        "3600 * sum(rate(silhouette_disagreed_accounts_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "Does the challenger flag its accounts as often as the champion would?",
                    about: "Flags among the challenger's accounts since it got its share. Far apart, it is halted.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[("by the {{whose}}", "max by (whose) (silhouette_challenger_flags{$on})")],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Drift",
            panels: &[
                Panel {
                    question: "How much of the latest day is unlike the days before?",
                    about: "Numbers of the latest day (features, score, flag rate) that differ from the reference days by more than \
                            those differ among themselves. A week without any change raises an alarm once in a hundred.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("{{model}}", "max by (model) (silhouette_drift_alarms)")],
                    judge: Judge::High(1.0, 5.0),
                },
                Panel {
                    question: "When did the latest day end that was looked at?",
                    about: "More than three days ago: nobody looks for drift. `silhouette drift --metrics` does.",
                    unit: "s",
                    shape: Shape::Number,
                    queries: &[("ago", "time() - max(silhouette_drift_day_timestamp_seconds) - 86400")],
                    judge: Judge::High(172_800.0, 259_200.0),
                },
                Panel {
                    question: "What is unlike?",
                    about: "How probable each number that differs is where nothing has changed: columns of docs/features.md. The \
                            first two bars are the most unlike number and below what an alarm is raised.",
                    unit: "sci",
                    shape: Shape::Bars,
                    queries: &[
                        ("most unlike", "min(silhouette_drift_least_probability)"),
                        ("alarm below", "min(silhouette_drift_threshold)"),
                        ("{{column}} ({{unlike}})", "bottomk(20, silhouette_drift_probability)"),
                    ],
                    judge: Judge::None,
                },
                Panel {
                    question: "How long does scoring an account take?",
                    about: "On average over a batch: 99 in a hundred batches.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "99 % within",
                        "histogram_quantile(0.99, sum by (le) (rate(silhouette_score_seconds_bucket{$on}[$__rate_interval])))",
                    )],
                    judge: Judge::None,
                },
            ],
        },
    ],
};
