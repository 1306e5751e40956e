//! For whoever leads review: does somebody decide, in time, on record, and rightly?

use super::board::{Board, Judge, Panel, Row, Shape};

/// The dashboard of review.
pub(super) const BOARD: Board = Board {
    uid: "silhouette-review",
    title: "Silhouette / Review",
    about: "Does somebody decide, in time, on record, and rightly? Nothing here is about one person.",
    selects: "silhouette_review_database_up",
    since: "now-24h",
    rows: &[
        Row {
            title: "What waits",
            panels: &[
                Panel {
                    question: "How long has the oldest case waited, of what is allowed?",
                    about: "The oldest open case of each queue against the allowed wait: 4 h where likely minors were contacted, \
                            24 h and 72 h elsewhere. Above 100 % somebody has waited too long.",
                    unit: "percentunit",
                    shape: Shape::Bars,
                    queries: &[(
                        "{{queue}}",
                        "max by (queue) (silhouette_review_oldest_case_seconds{$on}) / max by (queue) (silhouette_review_allowed_wait_seconds{$on})",
                    )],
                    judge: Judge::High(0.75, 1.0),
                },
                Panel {
                    question: "How many cases wait too long?",
                    about: "Cases of each queue open for longer than it allows.",
                    unit: "short",
                    shape: Shape::Bars,
                    queries: &[("{{queue}}", "max by (queue) (silhouette_review_cases_overdue{$on})")],
                    judge: Judge::High(1.0, 10.0),
                },
                Panel {
                    question: "How many cases wait?",
                    about: "Open cases of each queue.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[("{{queue}}", "max by (queue) (silhouette_review_cases_open{$on})")],
                    judge: Judge::None,
                },
                Panel {
                    question: "Do people keep up?",
                    about: "Cases an hour that were opened, and that were decided. Where more are opened for long, the oldest are \
                            never read.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[
                        (
                            "opened",
                            r#"3600 * sum(rate(silhouette_review_flags_total{result="opened", $on}[$__rate_interval]))"#,
                        ),
                        (
                            "decided",
                            "3600 * sum(rate(silhouette_review_decisions_total{$on}[$__rate_interval]))",
                        ),
                    ],
                    judge: Judge::None,
                },
                Panel {
                    question: "Is anybody at work on them?",
                    about: "Open cases that somebody has in hand, and those that are put off.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[
                        ("in hand", "sum(silhouette_review_cases_claimed{$on})"),
                        ("put off", "sum(silhouette_review_cases_snoozed{$on})"),
                    ],
                    judge: Judge::None,
                },
                Panel {
                    question: "How many decisions come too late?",
                    about: "Share of the last six hours' decisions made after the allowed wait. At most one in twenty may be over \
                            a month.",
                    unit: "percentunit",
                    shape: Shape::Lines,
                    queries: &[("{{queue}}", "silhouette:late_decisions:ratio_rate6h")],
                    judge: Judge::High(0.05, 0.3),
                },
            ],
        },
        Row {
            title: "Two people",
            panels: &[
                Panel {
                    question: "How many proposals wait for a second person?",
                    about: "Suspensions, referrals and whatever else takes two.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("proposals", "sum(silhouette_review_proposals_waiting{$on})")],
                    judge: Judge::None,
                },
                Panel {
                    question: "How long has the oldest waited?",
                    about: "After 24 hours it expires, and nothing is done.",
                    unit: "s",
                    shape: Shape::Number,
                    queries: &[("oldest", "max(silhouette_review_oldest_proposal_seconds{$on})")],
                    judge: Judge::High(28_800.0, 72_000.0),
                },
                Panel {
                    question: "What became of proposals?",
                    about: "Within a day. Expired: nobody looked at something that one person found grave.",
                    unit: "short",
                    shape: Shape::Bars,
                    queries: &[(
                        "{{status}}",
                        "sum by (status) (increase(silhouette_review_proposals_total{$on}[1d]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "Do two people find the same?",
                    about: "Agreement of second looks within four weeks beyond what chance gives (Cohen's kappa over abusive and \
                            not): 1 is always, 0 no more than by chance. Low: what happens to somebody depends on who reads \
                            their case.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("kappa", r#"silhouette:kappa:ratio28d{kind="double"}"#)],
                    judge: Judge::Low(0.6, 0.4),
                },
                Panel {
                    question: "Do people find what is known to be right?",
                    about: "Of the cases within four weeks whose right decision is known, the share decided so.",
                    unit: "percentunit",
                    shape: Shape::Number,
                    queries: &[("right", r#"silhouette:alike:ratio28d{kind="golden"}"#)],
                    judge: Judge::Low(0.9, 0.75),
                },
            ],
        },
        Row {
            title: "Those who decide",
            panels: &[
                Panel {
                    question: "How many cases about likely minors were opened?",
                    about: "Times an hour that somebody was shown one. The work harms those who do too much of it.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "shown",
                        "3600 * sum(rate(silhouette_review_exposures_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "Which limits did people reach?",
                    about: "Refusals within a day. `read-limit`: somebody may be taking data away. `exposure-limit`: somebody has \
                            seen enough, and others must take over. `too-many-requests`: a program, or somebody who tries names.",
                    unit: "short",
                    shape: Shape::Bars,
                    queries: &[(
                        "{{limit}}",
                        "sum by (limit) (increase(silhouette_review_limits_reached_total{$on}[1d]))",
                    )],
                    judge: Judge::High(1.0, 100.0),
                },
            ],
        },
        Row {
            title: "Does it work?",
            panels: &[
                Panel {
                    question: "Does the case database answer?",
                    about: "1 where it answered within two seconds, else 0, and then nobody can work.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("answers", "min(silhouette_review_database_up{$on})")],
                    judge: Judge::Low(1.0, 1.0),
                },
                Panel {
                    question: "Does the platform hear of decisions?",
                    about: "What it is still to be told. Above 0 for minutes: people have decided, and nothing is done.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("unsent", "max(silhouette_review_unsent_decisions{$on})")],
                    judge: Judge::High(100.0, 1000.0),
                },
                Panel {
                    question: "Could flags be taken in?",
                    about: "Failures within an hour, each of which was tried again.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[(
                        "failures",
                        "sum(increase(silhouette_review_intake_failures_total{$on}[1h]))",
                    )],
                    judge: Judge::High(1.0, 3.0),
                },
                Panel {
                    question: "Could everything be recorded?",
                    about: "Requests within an hour that were refused because the audit log could not be written.",
                    unit: "short",
                    shape: Shape::Number,
                    queries: &[("refused", "sum(increase(silhouette_review_audit_failures_total{$on}[1h]))")],
                    judge: Judge::High(1.0, 10.0),
                },
                Panel {
                    question: "How many requests fail?",
                    about: "Share answered with 5xx. At most one in a thousand may be over a month.",
                    unit: "percentunit",
                    shape: Shape::Lines,
                    queries: &[
                        ("five minutes", "silhouette:failed_requests:ratio_rate5m"),
                        ("an hour", "silhouette:failed_requests:ratio_rate1h"),
                    ],
                    judge: Judge::High(0.001, 0.0144),
                },
                Panel {
                    question: "How quickly are requests answered?",
                    about: "99 in a hundred within this time.",
                    unit: "s",
                    shape: Shape::Lines,
                    queries: &[(
                        "99 % within",
                        "histogram_quantile(0.99, sum by (le) (rate(silhouette_review_http_request_seconds_bucket{$on}[$__rate_interval])))",
                    )],
                    judge: Judge::High(0.25, 0.5),
                },
                Panel {
                    question: "What becomes of flags?",
                    about: "Records read from the flags stream a second: a new case, one more flag of an open one, known already, \
                            or unreadable. Whoever is flagged by an unreadable one is on nobody's desk.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[(
                        "{{result}}",
                        "sum by (result) (rate(silhouette_review_flags_total{$on}[$__rate_interval]))",
                    )],
                    judge: Judge::None,
                },
                Panel {
                    question: "How fast does the audit log grow?",
                    about: "Entries a second. It never shrinks.",
                    unit: "short",
                    shape: Shape::Lines,
                    queries: &[("entries", "deriv(silhouette_review_audit_entries{$on}[$__rate_interval])")],
                    judge: Judge::None,
                },
            ],
        },
    ],
};
