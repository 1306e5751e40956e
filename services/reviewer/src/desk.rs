//! What people do: each act checks who may, changes the cases by the rules of the pure room, and leaves its audit
//! entry, its label and its outgoing event in the same transaction.

mod appeals;
mod cases;
mod decide;
mod emergency;
mod looks;
mod notes;
mod privacy;
mod proposals;
mod refusal;
mod rings;
mod saved;

pub(crate) use appeals::{open_appeal, settle_appeal};
pub(crate) use cases::{
    claim, claim_next, claim_next_of, hand_over, is_break_due, readable, release_claim, skip, snooze,
};
pub(crate) use decide::{Decided, decide, may_undo, proposal_of, undo};
pub(crate) use emergency::{read_in_emergency, review_emergency};
pub(crate) use looks::{mark_golden, unmark_golden};
pub(crate) use notes::write_note;
pub(crate) use privacy::{may_reveal, place_hold};
pub(crate) use proposals::{Wanted, approve, knows, propose, withdraw};
pub(crate) use refusal::Refusal;
pub(crate) use rings::{merge, split};
pub(crate) use saved::{forget_view, save_view};

/// A fresh name: a letter for what it names, and twenty random hexadecimal digits.
pub(crate) fn fresh_name(kind: char) -> Result<String, Refusal> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::NoRandomness)?;
    Ok(std::iter::once(kind.to_string()).chain(bytes.iter().map(|byte| format!("{byte:02x}"))).collect())
}

/// Whether a text can be a name that [`fresh_name`] gave.
pub(crate) fn is_name(kind: char, text: &str) -> bool {
    let digits = text.strip_prefix(kind).unwrap_or("");
    digits.len() == 20 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
