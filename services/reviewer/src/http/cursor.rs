//! Where a page ended, as a text that means nothing outside.
//!
//! It gives no right to anything, so it is protected against mistakes, not against forgery.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use review::{CaseId, Rank};

use super::problem::{Kind, Problem};
use crate::store::{Query, Status};

const CHECK_BYTES: usize = 8;

/// The cursor after `rank` in this list.
pub(super) fn encode(list: &Query, rank: &Rank) -> String {
    let mut bytes = Vec::with_capacity(64);
    bytes.extend(rank.priority.to_bits().to_be_bytes());
    bytes.extend(rank.opened_at.to_be_bytes());
    bytes.extend(rank.case.as_str().as_bytes());
    bytes.extend(check(list, &bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The rank in a cursor of this list.
///
/// # Errors
/// A problem where it is no cursor, or the cursor of another list.
pub(super) fn decode(list: &Query, text: &str) -> Result<Rank, Problem> {
    read(list, text).ok_or_else(|| Problem::new(Kind::BadCursor))
}

fn read(list: &Query, text: &str) -> Option<Rank> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (bytes, found) = bytes.split_at_checked(bytes.len().checked_sub(CHECK_BYTES)?)?;
    if found != check(list, bytes) {
        return None;
    }
    let (priority, rest) = bytes.split_first_chunk()?;
    let (opened_at, case) = rest.split_first_chunk()?;
    Some(Rank {
        priority: f64::from_bits(u64::from_be_bytes(*priority)),
        opened_at: u64::from_be_bytes(*opened_at),
        case: CaseId::parse(std::str::from_utf8(case).ok()?)?,
    })
}

/// A place in a list that is ordered by a number and then by a name: the entry there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) name: String,
}

impl Place {
    pub(super) fn new(number: u64, name: impl Into<String>) -> Self {
        Self { number, name: name.into() }
    }

    /// The cursor after this place in a list.
    pub(super) fn encode(&self, list: &str) -> String {
        let mut bytes = self.number.to_be_bytes().to_vec();
        bytes.extend(self.name.as_bytes());
        bytes.extend(bound(list, &bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place in a cursor of a list.
    ///
    /// # Errors
    /// A problem where it is no cursor, or the cursor of another list.
    pub(super) fn decode(list: &str, text: &str) -> Result<Self, Problem> {
        Self::read(list, text).ok_or_else(|| Problem::new(Kind::BadCursor))
    }

    fn read(list: &str, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (bytes, found) = bytes.split_at_checked(bytes.len().checked_sub(CHECK_BYTES)?)?;
        let (number, name) = bytes.split_first_chunk().filter(|_| found == bound(list, bytes))?;
        Some(Self { number: u64::from_be_bytes(*number), name: String::from_utf8(name.to_vec()).ok()? })
    }
}

/// Binds a cursor to the query that it came from.
fn check(list: &Query, bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let mut name = list.status.map_or("all", Status::as_str).to_owned();
    for queue in &list.queues {
        name.push(' ');
        name.push_str(queue.as_str());
    }
    if let Some(claim) = list.claim {
        name.push_str(&format!(" in hand: {} of {}", claim.as_str(), list.person));
    }
    if let Some(due) = list.due {
        name.push_str(&format!(" due: {}", due.as_str()));
    }
    bound(&name, bytes)
}

/// Binds a cursor to the list that it came from.
fn bound(list: &str, bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key("silhouette 2025 review cursor");
    hasher.update(list.as_bytes()).update(b"\n").update(bytes);
    let mut check = [0; CHECK_BYTES];
    hasher.finalize_xof().fill(&mut check);
    check
}

#[cfg(test)]
mod tests;
