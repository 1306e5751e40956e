//! Who may do what: roles as data, permissions by queue.

use std::collections::{BTreeMap, BTreeSet};

use crate::Queue;
use crate::words::spoken;

spoken! {
    /// Something that a role may allow.
    Permission {
        CasesRead = "cases.read", "Read cases, without claiming or deciding them";
        CasesClaim = "cases.claim", "Claim, skip and put off cases";
        CasesDecide = "cases.decide", "Decide cases, and propose suspensions and referrals";
        CasesApprove = "cases.approve", "Approve suspensions and referrals, and take decisions back";
        CasesBreakGlass = "cases.break_glass", "Read a case of any queue in an emergency";
        EmergenciesReview = "emergencies.review", "Judge emergencies afterwards";
        AppealsOpen = "appeals.open", "Hand in appeals, and read statements of reasons";
        AppealsDecide = "appeals.decide", "Decide appeals";
        QualityRead = "quality.read", "Read how much people decide alike, of all together";
        QualityManage = "quality.manage", "Mark decisions that are known to be right";
        LabelsRead = "labels.read", "Read labels";
        IdentityReveal = "identity.reveal", "Ask for the identity behind a pseudonym";
        IdentityApprove = "identity.approve", "Approve that an identity is revealed";
        PrivacyPropose = "privacy.propose", "Propose erasures and releases of holds, and place holds";
        PrivacyApprove = "privacy.approve", "Approve erasures and releases of holds";
        ModelsPropose = "models.propose", "Propose a model for detection";
        ModelsApprove = "models.approve", "Approve a model for detection";
        AccessRead = "access.read", "Read who has which role";
        AccessPropose = "access.propose", "Propose grants of roles, and revoke roles";
        AccessApprove = "access.approve", "Approve grants of roles";
        AuditRead = "audit.read", "Read the audit log";
    }
    /// A part of a case that a role may not see.
    Mask {
        Account = "account", "The account's pseudonym";
        Features = "features", "Everything that was measured";
        Timeline = "timeline", "The events behind the flags";
        People = "people", "Who decided";
    }
}

/// What a role allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// What it allows.
    pub permissions: BTreeSet<Permission>,
    /// In which queues, for what is about cases.
    pub queues: BTreeSet<Queue>,
    /// What of a case it hides.
    pub masks: BTreeSet<Mask>,
}

/// The roles that there are, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(pub BTreeMap<String, Role>);

/// What one person may do now: the roles that they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights(Vec<Role>);

impl Roles {
    /// What somebody with roles of these names may do. An unknown name allows nothing.
    pub fn rights<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Rights {
        Rights(names.into_iter().filter_map(|name| self.0.get(name).cloned()).collect())
    }

    /// What somebody with every role may do.
    pub fn all_rights(&self) -> Rights {
        Rights(self.0.values().filter(|role| role.masks.is_empty()).cloned().collect())
    }
}

impl Rights {
    /// Whether a permission is held at all, in whatever queue.
    pub fn may(&self, permission: Permission) -> bool {
        self.0.iter().any(|role| role.permissions.contains(&permission))
    }

    /// Whether a permission is held for cases of this queue.
    pub fn may_in(&self, permission: Permission, queue: Queue) -> bool {
        self.0.iter().any(|role| role.permissions.contains(&permission) && role.queues.contains(&queue))
    }

    /// The queues for which a permission is held.
    pub fn queues(&self, permission: Permission) -> BTreeSet<Queue> {
        Queue::ALL.iter().copied().filter(|queue| self.may_in(permission, *queue)).collect()
    }

    /// Every permission that is held.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        self.0.iter().flat_map(|role| role.permissions.iter().copied()).collect()
    }

    /// Whether a part of a case of this queue is hidden: where every role that lets it be read hides it.
    pub fn hides(&self, mask: Mask, queue: Queue) -> bool {
        let readable =
            |role: &&Role| role.permissions.contains(&Permission::CasesRead) && role.queues.contains(&queue);
        self.0.iter().filter(readable).all(|role| role.masks.contains(&mask))
    }
}

#[cfg(test)]
mod tests;
