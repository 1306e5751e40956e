//! The statement of reasons for whoever a decision is about, drafted from closed words alone, with what article 17 (3)
//! of the Digital Services Act asks for.

use detect::EvidenceKind;

use crate::{Abuse, Action, DecidedCase};

/// What a person is told of a decision against them: facts, means, ground, scope, and how to object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What was done.
    pub restriction: &'static str,
    /// Where it holds, and for how long.
    pub scope: &'static str,
    /// Whether others reported it, or the platform looked by itself.
    pub initiative: &'static str,
    /// The facts: what was observed, in sentences.
    pub facts: Vec<String>,
    /// That a machine pointed to it and a person decided.
    pub means: &'static str,
    /// Which rule, and why what was observed goes against it.
    pub ground: String,
    /// How to object.
    pub redress: &'static str,
}

impl Statement {
    /// The statement of a decision; none where nothing was held against anybody.
    pub fn of(case: &DecidedCase) -> Option<Self> {
        let Abuse { policy, action, reason, .. } = case.decision().finding.abuse()?;
        let observed = case.case().latest_flag().reasons.iter().map(|reason| reason.text.clone());
        Some(Self {
            restriction: restriction(action),
            scope: scope(action),
            initiative: initiative(case),
            facts: observed.chain([format!("{}.", reason.sentence())]).collect(),
            means: "The account was pointed to by automated means that look at who contacts whom and when, and at \
                    nothing that was written. The decision was made by people.",
            ground: format!(
                "Terms of service: {}. People who looked at what was observed found that it goes against this: {}.",
                policy.sentence(),
                lower(reason.sentence())
            ),
            redress: "You can object free of charge within six months; somebody who had no part in this decision \
                      will look at it again. You can also turn to an out-of-court body or a court.",
        })
    }
}

fn scope(action: Action) -> &'static str {
    match action {
        Action::Watch => "Nothing is in force.",
        _ => "It holds wherever the service is offered, from now on until the decision is lifted.",
    }
}

fn initiative(case: &DecidedCase) -> &'static str {
    let mut events = case.case().flags().iter().flat_map(|flag| &flag.timeline);
    if events.any(|event| event.kind == EvidenceKind::Reported) {
        "The platform looked by itself. Reports of others were among what it looked at, and were not enough alone."
    } else {
        "The platform looked by itself; no report is among what it looked at."
    }
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn restriction(action: Action) -> &'static str {
    match action {
        Action::Watch => "Nothing was restricted.",
        Action::WarnRecipients => "Those whom the account contacts first are shown a safety notice.",
        Action::LimitContacts => "The account cannot contact likely minors whom it does not know.",
        Action::Suspend => "The account is suspended until the decision is lifted.",
        Action::Refer => "The account is suspended, and its case is passed to the authorities.",
    }
}
