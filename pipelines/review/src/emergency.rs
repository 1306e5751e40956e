//! Reading a case in an emergency: at once and alone, and looked at by somebody else afterwards.

use events::Millis;

use crate::CaseId;
use crate::words::spoken;

/// How many emergencies of one person may wait to be looked at; while so many do, there is no other.
pub const EMERGENCIES_MAX: i64 = 3;

spoken! {
    /// What the emergency is.
    EmergencyReason {
        ChildInDanger = "child_in_danger", "A child is in danger now";
        LifeInDanger = "life_in_danger", "Somebody's life is in danger now";
        NobodyReachable = "nobody_reachable", "It is urgent, and nobody who may read it can be reached";
    }
    /// What came of looking at it afterwards.
    EmergencyFinding {
        Justified = "justified", "It was an emergency";
        Unjustified = "unjustified", "It was none";
    }
}

/// That somebody read a case in an emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// Its name.
    pub id: String,
    /// The case.
    pub case: CaseId,
    /// Who read it.
    pub by: String,
    /// What the emergency was.
    pub reason: EmergencyReason,
    /// When, processing time.
    pub at: Millis,
    /// What came of looking at it, once somebody did.
    pub reviewed: Option<ReviewedEmergency>,
}

/// What came of looking at an emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedEmergency {
    /// What was found.
    pub finding: EmergencyFinding,
    /// By whom.
    pub by: String,
    /// When, processing time.
    pub at: Millis,
}

/// Why an emergency was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EmergencyRefused {
    /// Nobody judges their own.
    #[error("whoever read the case cannot judge whether they had to")]
    SamePerson,
    /// It was judged before.
    #[error("it has already been judged")]
    Reviewed,
}

impl Emergency {
    /// Judges it.
    ///
    /// # Errors
    /// Where it was judged before, or by whom it must not be; it is then as it was.
    pub fn review(&mut self, reviewed: ReviewedEmergency) -> Result<(), EmergencyRefused> {
        if self.reviewed.is_some() {
            return Err(EmergencyRefused::Reviewed);
        }
        if reviewed.by == self.by {
            return Err(EmergencyRefused::SamePerson);
        }
        self.reviewed = Some(reviewed);
        Ok(())
    }
}
