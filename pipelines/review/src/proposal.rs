//! What one person alone may not do: it is proposed by one and approved by another.

use events::Millis;

use crate::Permission;
use crate::words::spoken;

/// How long a proposal may wait for a second person.
pub const PROPOSAL_LIFETIME_MS: Millis = 24 * 60 * 60 * 1000;

spoken! {
    /// What is proposed.
    Act {
        Suspend = "suspend", "Suspend an account";
        Refer = "refer", "Suspend an account and refer it to the authorities";
        Reveal = "reveal", "Reveal the identity behind a pseudonym";
        Erase = "erase", "Erase an account";
        ReleaseHold = "release_hold", "Release a legal hold";
        PromoteModel = "promote_model", "Use a model for detection";
        GrantRole = "grant_role", "Grant a role";
        ReadMore = "read_more", "Read more cases in an hour than one person may";
    }
    /// What became of a proposal.
    ProposalStatus {
        Waiting = "waiting", "Waits for a second person";
        Approved = "approved", "Approved, and done";
        Withdrawn = "withdrawn", "Withdrawn or refused";
        Expired = "expired", "Nobody approved it in time";
        Void = "void", "What it was about has changed";
    }
    /// What an identity is needed for, or an account is looked up for.
    Purpose {
        ReviewOfCase = "review_of_case", "To decide a case";
        Appeal = "appeal", "To decide an appeal";
        Referral = "referral", "To complete a referral";
        LegalRequest = "legal_request", "To answer a lawful request";
        AccessRequest = "access_request", "To answer somebody who asks for their own data";
    }
}

impl Act {
    /// What it takes to propose it.
    pub const fn propose(self) -> Permission {
        match self {
            Act::Suspend | Act::Refer => Permission::CasesDecide,
            Act::Reveal => Permission::IdentityReveal,
            Act::Erase | Act::ReleaseHold => Permission::PrivacyPropose,
            Act::PromoteModel => Permission::ModelsPropose,
            Act::GrantRole => Permission::AccessPropose,
            Act::ReadMore => Permission::CasesRead,
        }
    }

    /// What it takes to approve it.
    pub const fn approve(self) -> Permission {
        match self {
            Act::Suspend | Act::Refer => Permission::CasesApprove,
            Act::Reveal => Permission::IdentityApprove,
            Act::Erase | Act::ReleaseHold => Permission::PrivacyApprove,
            Act::PromoteModel => Permission::ModelsApprove,
            Act::GrantRole | Act::ReadMore => Permission::AccessApprove,
        }
    }
}

/// A proposal, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its name.
    pub id: String,
    /// What is proposed.
    pub act: Act,
    /// What exactly, as a text of closed words and names; whoever approves approves its hash.
    pub content: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When, processing time.
    pub proposed_at: Millis,
    /// When it was last in force or was settled.
    pub status: ProposalStatus,
}

/// Why a proposal was not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ApprovalRefused {
    /// One person cannot be two.
    #[error("whoever proposed it cannot approve it")]
    SamePerson,
    /// It was settled before.
    #[error("it has already been settled")]
    Settled,
    /// It waited for too long.
    #[error("it has expired")]
    Expired,
    /// What was approved is not what is proposed.
    #[error("the hash is not that of what is proposed")]
    OtherContent,
}

impl Proposal {
    /// The hash of what is proposed, 64 hexadecimal digits.
    pub fn content_hash(&self) -> String {
        let of = format!("{}\n{}\n{}", self.id, self.act.as_str(), self.content);
        blake3::hash(of.as_bytes()).to_hex().to_string()
    }

    /// When it can no longer be approved.
    pub fn expires_at(&self) -> Millis {
        self.proposed_at.saturating_add(PROPOSAL_LIFETIME_MS)
    }

    /// Its status at `now`: one that waited for too long has expired, whether or not anybody noted it.
    pub fn status_at(&self, now: Millis) -> ProposalStatus {
        match self.status {
            ProposalStatus::Waiting if now >= self.expires_at() => ProposalStatus::Expired,
            status => status,
        }
    }

    /// Approves it as `person` at `now`, who has seen content of this hash.
    ///
    /// # Errors
    /// Where it cannot be approved, or not by them; it is then as it was.
    pub fn approve(&mut self, person: &str, hash: &str, now: Millis) -> Result<(), ApprovalRefused> {
        match self.status_at(now) {
            ProposalStatus::Waiting => {}
            ProposalStatus::Expired => return Err(ApprovalRefused::Expired),
            _ => return Err(ApprovalRefused::Settled),
        }
        if person == self.proposed_by {
            return Err(ApprovalRefused::SamePerson);
        }
        if hash != self.content_hash() {
            return Err(ApprovalRefused::OtherContent);
        }
        self.status = ProposalStatus::Approved;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
