//! Families of evidence: features of one family tell of the same thing, those of two corroborate each other.

use serde::{Deserialize, Serialize};

/// What kind of evidence a feature is. Families are meant to be conditionally distinct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Whom the account turns to.
    Targeting,
    /// How the other side answers.
    Response,
    /// When and how regularly the account acts.
    Timing,
    /// What the account, its devices and its registration are.
    Identity,
    /// Whom it is linked with, through targets and contacts.
    Graph,
    /// Those it turned to object.
    Protest,
}

impl Family {
    /// The family's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Family::Targeting => "targeting",
            Family::Response => "response",
            Family::Timing => "timing",
            Family::Identity => "identity",
            Family::Graph => "graph",
            Family::Protest => "protest",
        }
    }
}
