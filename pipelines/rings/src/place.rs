//! Places: devices, network prefixes and phone prefixes, and the accounts that were seen at each.

use crate::Second;
use crate::account::Number;

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PlaceKind {
    Device,
    Network,
    PhonePrefix,
}

impl PlaceKind {
    /// Accounts that are remembered. A place with more is a crowd, which links nobody.
    pub(crate) fn members_max(self) -> usize {
        match self {
            PlaceKind::Device => 32,
            PlaceKind::Network | PlaceKind::PhonePrefix => 256,
        }
    }
}

/// An account at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) account: Number,
    pub(crate) first: Second,
    pub(crate) last: Second,
}

/// A place, with the accounts that were seen there lately.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) key: u64,
    pub(crate) kind: PlaceKind,
    /// In order of their first sight.
    pub(crate) members: Vec<Member>,
    /// Pairs of members who were in contact of old.
    pub(crate) old_contacts: u32,
    /// Whether more were here than are remembered.
    pub(crate) is_crowd: bool,
}

impl Place {
    pub(crate) fn new(key: u64, kind: PlaceKind) -> Self {
        Self { key, kind, members: Vec::new(), old_contacts: 0, is_crowd: false }
    }

    /// Notes that an account was seen here. Returns whether that is news: the first time, or the first on a day.
    pub(crate) fn see(&mut self, account: Number, now: Second) -> bool {
        if let Some(member) = self.members.iter_mut().find(|member| member.account == account) {
            let is_news = now / crate::DAY > member.last / crate::DAY;
            member.first = member.first.min(now);
            member.last = member.last.max(now);
            return is_news;
        }
        if self.members.len() >= self.kind.members_max() {
            self.is_crowd = true;
            return false;
        }
        self.members.push(Member { account, first: now, last: now });
        true
    }

    /// Forgets an account.
    pub(crate) fn forget(&mut self, account: Number) {
        self.members.retain(|member| member.account != account);
    }

    /// Whether so many of its members are old contacts of each other that it is a community: a home, a class, a team.
    pub(crate) fn is_community(&self) -> bool {
        2 * usize::try_from(self.old_contacts).unwrap_or(usize::MAX) >= self.members.len()
    }

    /// An account among its members.
    pub(crate) fn member(&self, account: Number) -> Option<&Member> {
        self.members.iter().find(|member| member.account == account)
    }

    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.members.capacity() * size_of::<Member>()
    }
}
