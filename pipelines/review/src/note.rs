//! What people who work on a case tell each other, in closed words.

use events::Millis;

use crate::CaseId;
use crate::words::spoken;

spoken! {
    /// What a note says.
    NoteCode {
        PlatformAsked = "platform_asked", "The platform was asked for its own records";
        PlatformConfirms = "platform_confirms", "The platform's own records confirm it";
        PlatformContradicts = "platform_contradicts", "The platform's own records contradict it";
        InnocentCauseLikely = "innocent_cause_likely", "An innocent cause looks likely";
        ReportsLookCoordinated = "reports_look_coordinated", "The reports against it look coordinated";
        ActsTogether = "acts_together", "It seems to act together with the account of another case";
        SameHolder = "same_holder", "It seems to have the same holder as the account of another case";
        SpecialistWanted = "specialist_wanted", "Somebody who knows this field should look";
        SecondLookWanted = "second_look_wanted", "I would like somebody else's eyes on it";
        Urgent = "urgent", "It cannot wait";
    }
}

impl NoteCode {
    /// Whether it speaks of another case, which must then be named; otherwise none may be.
    pub const fn names_a_case(self) -> bool {
        matches!(self, NoteCode::ActsTogether | NoteCode::SameHolder)
    }
}

/// A note on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its name.
    pub id: String,
    /// The case that it is on.
    pub case: CaseId,
    /// What it says.
    pub code: NoteCode,
    /// The other case that it speaks of.
    pub about: Option<CaseId>,
    /// Who wrote it.
    pub by: String,
    /// When, processing time.
    pub at: Millis,
}
