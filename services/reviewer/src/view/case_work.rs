//! The forms on a case's page besides the decision.

use review::{Note, NoteCode, SkipReason, SnoozeReason, UndoReason};

use super::case_page::{Choice, choices};
use super::words::Moment;

/// What whoever reads a page may do to the case besides deciding it, and what was noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    /// Whether they may take cases of its queue in hand.
    pub(crate) may_claim: bool,
    /// Who else may.
    pub(crate) colleagues: Vec<String>,
    /// Whether they may take the decision back.
    pub(crate) may_undo: bool,
    /// What waits for a second person.
    pub(crate) pending: Option<Pending>,
    pub(crate) notes: Vec<Note>,
}

/// A proposal that waits for a second person.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) id: String,
    pub(crate) act: &'static str,
    pub(crate) by: String,
    pub(crate) content_hash: String,
    /// Whether whoever reads it may be the second person.
    pub(crate) may_approve: bool,
    /// Whether they may withdraw or refuse it.
    pub(crate) may_withdraw: bool,
}

/// The forms, as the page shows them.
#[derive(Debug)]
pub(super) struct Forms {
    pub(super) may_claim: bool,
    pub(super) colleagues: Vec<String>,
    pub(super) may_undo: bool,
    pub(super) pending: Option<Pending>,
    pub(super) notes: Vec<NoteRow>,
    pub(super) note_codes: Vec<Choice>,
    pub(super) skip_reasons: Vec<Choice>,
    pub(super) snooze_reasons: Vec<Choice>,
    pub(super) undo_reasons: Vec<Choice>,
}

/// A note.
#[derive(Debug)]
pub(super) struct NoteRow {
    pub(super) what: &'static str,
    pub(super) other_case: Option<String>,
    pub(super) by: String,
    pub(super) at: Moment,
}

impl Forms {
    pub(super) fn of(work: Work) -> Self {
        let Work { may_claim, colleagues, may_undo, pending, notes } = work;
        let codes: Vec<NoteCode> =
            NoteCode::ALL.iter().copied().filter(|code| !code.names_a_case()).collect();
        let note = |note: Note| NoteRow {
            what: note.code.sentence(),
            other_case: note.about.map(|case| case.to_string()),
            by: note.by,
            at: Moment::of(note.at),
        };
        Self {
            may_claim,
            colleagues,
            may_undo,
            pending,
            notes: notes.into_iter().map(note).collect(),
            note_codes: choices(&codes, NoteCode::as_str, "", |code| code.sentence().to_owned()),
            skip_reasons: choices(SkipReason::ALL, SkipReason::as_str, "", |r| r.sentence().to_owned()),
            snooze_reasons: choices(SnoozeReason::ALL, SnoozeReason::as_str, "", |r| r.sentence().to_owned()),
            undo_reasons: choices(UndoReason::ALL, UndoReason::as_str, "", |r| r.sentence().to_owned()),
        }
    }
}
