//! One line of the audit log.

use std::collections::BTreeMap;

use events::Millis;
use serde::{Deserialize, Serialize};

/// One line of the audit log. It names people, cases and closed words, and never what was said or measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Its place in the log, from 0. Given when it is written.
    pub(crate) seq: i64,
    /// When, processing time.
    pub(crate) at: Millis,
    /// Who; `-` where it is not known who asked, `service` where nobody asked.
    pub(crate) who: String,
    /// How they were known: `token`, `session`, `this-machine`, or `-`.
    pub(crate) via: String,
    /// What was done or asked for.
    pub(crate) act: String,
    /// What it was about: a case, a proposal, a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) about: Option<String>,
    /// `done` or `refused`.
    pub(crate) outcome: String,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
    /// The request that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<String>,
    /// What else there is to tell, in closed words, names and numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) detail: BTreeMap<String, String>,
}

impl Entry {
    /// Something that was done.
    pub(crate) fn done(who: &str, via: &str, act: &str, at: Millis) -> Self {
        let (who, via, act) = (who.to_owned(), via.to_owned(), act.to_owned());
        let outcome = "done".to_owned();
        Self {
            seq: -1,
            at,
            who,
            via,
            act,
            about: None,
            outcome,
            problem: None,
            request: None,
            detail: BTreeMap::new(),
        }
    }

    /// The same, about something.
    pub(crate) fn about(mut self, what: impl Into<String>) -> Self {
        self.about = Some(what.into());
        self
    }

    /// The same, refused for a reason.
    pub(crate) fn refused(mut self, problem: impl Into<String>) -> Self {
        self.outcome = "refused".to_owned();
        self.problem = Some(problem.into());
        self
    }

    /// The same, with something more to tell.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }
}
