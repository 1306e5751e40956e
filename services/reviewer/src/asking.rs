//! Who is asking, how that is known, and what they may do.

use std::sync::Arc;

use events::Millis;
use review::{Care, Permission, Quality, Queue, Rights};

use crate::audit::Entry;
use crate::settings::Limits;

/// Who is asking, as acts are recorded under.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) name: Arc<str>,
    pub(crate) via: Via,
    pub(crate) rights: Rights,
    pub(crate) limits: Limits,
    pub(crate) care: Care,
    pub(crate) quality: Quality,
}

/// How it is known who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Bearer,
    Session,
    ThisMachine,
}

impl Via {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Via::Bearer => "token",
            Via::Session => "session",
            Via::ThisMachine => "this-machine",
        }
    }
}

impl Asking {
    /// An entry for the audit log: that they did this.
    pub(crate) fn did(&self, act: &str, now: Millis) -> Entry {
        Entry::done(&self.name, self.via.as_str(), act, now)
    }

    /// Whether they may read cases of this queue.
    pub(crate) fn reads(&self, queue: Queue) -> bool {
        self.rights.may_in(Permission::CasesRead, queue)
    }
}
