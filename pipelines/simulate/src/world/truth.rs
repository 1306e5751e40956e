//! What is really so. Only evaluation may read it.

use evaluation::Truth;

use crate::crowd::Crowd;
use crate::role::Role;
use crate::scribe::Cast;

pub(super) fn of(crowd: &Crowd, cast: &Cast) -> Vec<Truth> {
    let entry = |(person, account): (&crate::person::Person, &crate::account::Account)| {
        let (archetype, role) = match person.role {
            Role::Ordinary => (None, None),
            Role::LookAlike { kind, .. } => (None, Some(kind.name())),
            Role::Abuser { archetype, .. } => (Some(archetype.name()), None),
        };
        Truth {
            account: account.token.as_str().to_owned(),
            abusive: archetype.is_some(),
            archetype: archetype.map(str::to_owned),
            role: role.map(str::to_owned),
            onset: crowd.campaign(person).map(|campaign| campaign.onset),
            minor: person.is_minor(),
        }
    };
    crowd.people.iter().zip(&cast.accounts).map(entry).collect()
}
