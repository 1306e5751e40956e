//! For whoever answers for the whole: are people found in time, and is nobody wronged?

use super::board::{Board, Judge, Panel, Row, Shape};

/// The dashboard of the mission.
pub(super) const BOARD: Board = Board {
    uid: "silhouette-mission",
    title: "Silhouette / Mission",
    about: "Are people found in time, is what is said of them true, and is nobody wronged? A flag is a signal, not proof: \
            figures are of decisions that people made. What is not flagged is not seen here.",
    selects: r#"{__name__=~"silhouette_accounts|silhouette_review_database_up"}"#,
    since: "now-24h",
    rows: &[
        Row {
            title: "Are people found in time?",
            panels: &[
                Panel {
                    question: "How many flags does a million accounts give a day?",
                    about: "Flags of the last day against the accounts that are remembered. Many more than people can read \
                            means that nobody reads the right ones; none means that nobody is found.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[(
                        "flags",
                        "1e6 * silhouette:flags:increase1d / sum(silhouette_accounts{$on})",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "How many cases wait?",
                    about: "Open cases of all queues.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("cases", "sum(silhouette_review_cases_open{$on})")],
                    judge: Judge::None,
                },
                Panel {
                    question: "How many cases about likely minors wait too long?",
                    about: "Cases open for more than four hours. Each is a child who may be in danger, and somebody has known.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[(
                        "cases",
                        r#"sum(silhouette_review_cases_overdue{queue="child_safety", $on})"#,
                    )],
                    judge: Judge::High(1.0, 2.0),
                },
                Panel {
                    question: "How many likely minors have met those about whom nothing is decided?",
                    about: "Likely minors whom the accounts of open cases turned to first within the week before their flag, \
                            added up. Should fall whenever cases are decided.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("likely minors", "sum(silhouette_review_waiting_minors{$on})")],
                    judge: Judge::None,
                },
                Panel {
                    question: "How soon after the behaviour is a flag on a desk?",
                    about: "From the tick at which a flag was found to when its case was there. Above five minutes, detection or \
                            the stream holds flags up.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[
                        (
                            "half within",
                            "histogram_quantile(0.5, sum by (le) (rate(silhouette_review_flag_age_seconds_bucket{$on}[$__rate_interval])))",
                        ),
                        (
                            "95 % within",
                            "histogram_quantile(0.95, sum by (le) (rate(silhouette_review_flag_age_seconds_bucket{$on}[$__rate_interval])))",
                        ),
                    ],
                    judge: Judge::High(120.0, 300.0),
                },
                Panel {
                    question: "How soon is a case decided?",
                    about: "From when a case was opened to its decision: half of the cases of each queue within this time. Four \
                            hours are allowed where likely minors were contacted, 24 and 72 elsewhere.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{queue}}",
                        "histogram_quantile(0.5, sum by (queue, le) (increase(silhouette_review_decision_wait_seconds_bucket{$on}[6h])))",
                    )],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Is what is said true?",
            panels: &[
                Panel {
                    question: "Of what was decided, how much was abuse?",
                    about: "Share of the last seven days' decisions that found abuse, with the interval in which the true share \
                            lies (95 %). Whoever decides takes the gravest first, so it is the precision of what is read, not \
                            of all flags. Low: people spend their time on the innocent, and the innocent are read about.",
                    unit: "percentunit",
                    shape: Shape::Lines,
                    queries: &[
                        ("found abusive", "silhouette:precision:ratio7d"),
                        ("at least", "silhouette:precision_low:ratio7d"),
                        ("at most", "silhouette:precision_high:ratio7d"),
                        ("promised by detection", "silhouette:promised:ratio7d"),
                    ],
                    judge: Judge::Low(0.5, 0.25),
                },
                Panel {
                    question: "What did people find?",
                    about: "Decisions an hour, by outcome.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{outcome}}",
                        "3600 * sum by (outcome) (rate(silhouette_review_decisions_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Is anybody wronged?",
            panels: &[
                Panel {
                    question: "How many decisions were wrong, of those appealed?",
                    about: "Share of the appeals settled within four weeks that overturned the decision. Each stands for \
                            somebody who was restricted and should not have been.",
                    unit: "percentunit",
                    shape: Shape::Number,
                    queries: &[(
                        "overturned",
                        r#"sum(silhouette:appeals:increase28d{outcome="overturn"}) / sum(silhouette:appeals:increase28d)"#,
                    )],
                    judge: Judge::High(0.1, 0.25),
                },
                Panel {
                    question: "How many people were restricted wrongly?",
                    about: "Appeals of the last four weeks that overturned the decision.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("people", r#"sum(silhouette:appeals:increase28d{outcome="overturn"})"#)],
                    judge: Judge::High(1.0, 10.0),
                },
                Panel {
                    question: "How long has somebody waited for an answer to an appeal?",
                    about: "The oldest open appeal. Whoever may have been wronged stays restricted meanwhile.",
                    unit: "s",
                    shape: Shape::Number,
                    queries: &[("oldest appeal", "max(silhouette_review_oldest_appeal_seconds{$on})")],
                    judge: Judge::High(86_400.0, 259_200.0),
                },
                Panel {
                    question: "How many appeals wait?",
                    about: "Open appeals.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("appeals", "sum(silhouette_review_appeals_waiting{$on})")],
                    judge: Judge::None,
                },
            ],
        },
        Row {
            title: "Do the rules hold?",
            panels: &[
                Panel {
                    question: "Could everything be recorded?",
                    about: "Requests of the last day that were refused because the audit log could not be written. What cannot \
                            be recorded is not done.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("refused", "sum(increase(silhouette_review_audit_failures_total{$on}[1d]))")],
                    judge: Judge::High(1.0, 10.0),
                },
                Panel {
                    question: "Does a grave decision wait for a second person?",
                    about: "The oldest proposal. After 24 hours it expires, and nothing is done.",
                    unit: "s",
                    shape: Shape::Number,
                    queries: &[("oldest proposal", "max(silhouette_review_oldest_proposal_seconds{$on})")],
                    judge: Judge::High(28_800.0, 72_000.0),
                },
                Panel {
                    question: "How often were cases read in an emergency?",
                    about: "Readings of the last four weeks by people who may not read that queue. More than a few, and \
                            emergencies are a way around the rules.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[(
                        "readings",
                        "sum(increase(silhouette_review_emergency_reads_total{$on}[28d]))",
                    )],
                    judge: Judge::High(3.0, 10.0),
                },
                Panel {
                    question: "Which emergencies has nobody judged?",
                    about: "Emergencies of which nobody has said whether they were any.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("emergencies", "sum(silhouette_review_emergencies_unjudged{$on})")],
                    judge: Judge::High(1.0, 3.0),
                },
            ],
        },
    ],
};
