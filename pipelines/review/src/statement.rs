//! The statement of reasons for whoever a decision is about, drafted from closed words alone.

use crate::{Abuse, Action, DecidedCase};

/// What a person is told of a decision against them: facts, means, ground, scope, and how to object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What was done, and whether for how long.
    pub restriction: &'static str,
    /// The facts: what was observed, in sentences.
    pub facts: Vec<String>,
    /// That a machine pointed to it and a person decided.
    pub means: &'static str,
    /// Which rule.
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
            facts: observed.chain([format!("{}.", reason.sentence())]).collect(),
            means: "The account was pointed to by automated means that look at who contacts whom and when, and at \
                    nothing that was written. The decision was made by people.",
            ground: format!("Terms of service: {}.", policy.sentence()),
            redress: "You can object free of charge within six months; somebody who had no part in this decision \
                      will look at it again. You can also turn to an out-of-court body or a court.",
        })
    }
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
