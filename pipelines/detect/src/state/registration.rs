//! Accounts that were registered alike, by when.

use events::{AccountCreated, Token};
use serde::{Deserialize, Serialize};

use super::registers::Shared;
use crate::time::{DAY, Second};

/// Days of a block, and how many blocks are counted: the present one and those before it, which are 28 days at least.
const DAYS: Second = 14;
const BLOCKS: usize = 3;

/// A number of a block of time.
pub(super) type Block = u16;

pub(super) fn block(now: Second) -> Block {
    u16::try_from(now / (DAYS * DAY)).unwrap_or(u16::MAX)
}

/// How many accounts were registered alike in each of the latest blocks, and how many of these are suspended.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Registered {
    latest: Block,
    /// The latest block first.
    shared: [Shared; BLOCKS],
}

impl Registered {
    /// Counts one more account.
    pub(super) fn add(&mut self, registered: Block, is_banned: bool) {
        let passed = usize::from(registered.saturating_sub(self.latest)).min(BLOCKS);
        self.shared.rotate_right(passed);
        self.shared[..passed].fill(Shared::default());
        self.latest = self.latest.max(registered);
        if let Some(shared) = self.of(registered) {
            shared.accounts += 1;
            shared.banned += u32::from(is_banned);
        }
    }

    /// Those of one block, while it is counted.
    pub(super) fn of(&mut self, registered: Block) -> Option<&mut Shared> {
        self.shared.get_mut(usize::from(self.latest.checked_sub(registered)?))
    }

    /// Whether an account of this block is among [`Self::recent`] ones.
    pub(super) fn is_recent(registered: Block, now: Second) -> bool {
        usize::from(block(now).saturating_sub(registered)) < BLOCKS
    }

    /// Those of the present block and of the two before it.
    pub(super) fn recent(&self, now: Second) -> Shared {
        let blocks = (0..).map_while(|back| self.latest.checked_sub(back)).zip(self.shared);
        let recent = blocks.filter(|(of, _)| Self::is_recent(*of, now)).map(|(_, shared)| shared);
        recent.fold(Shared::default(), |sum, shared| Shared {
            accounts: sum.accounts + shared.accounts,
            banned: sum.banned + shared.banned,
        })
    }
}

/// What accounts that were registered alike have in common.
pub(super) fn key(created: &AccountCreated) -> u64 {
    let text = |t: &Option<Token>| t.as_ref().map_or_else(String::new, |t| t.as_str().to_owned());
    let channel = created.reg_channel.map_or("", |c| c.as_str());
    let asn = created.asn.map_or_else(String::new, |asn| asn.to_string());
    let key = [asn, text(&created.network), text(&created.phone_prefix), channel.to_owned()].join("|");
    let hash = blake3::hash(key.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
