//! Ground truth for training and evaluation, one JSON object a line.

use serde::{Deserialize, Serialize};

use crate::words::words;
use crate::{Category, Millis, Token};

words! {
    /// What an account was found to be.
    Verdict { Abusive = "abusive", Benign = "benign" }
    /// Who found it.
    LabelSource {
        Reviewer = "reviewer", Appeal = "appeal", Platform = "platform", AuditSample = "audit_sample",
        Simulation = "simulation",
    }
}

/// What was found of an account, and from when that was known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The account.
    pub account: Token,
    /// What it was found to be.
    pub label: Verdict,
    /// What the finding is about; may be absent or null where nothing was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// When it became known. Training sees the label from then on.
    pub ts: Millis,
    /// Who found it.
    pub source: LabelSource,
}
