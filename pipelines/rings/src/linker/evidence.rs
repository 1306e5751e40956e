//! From what is kept to links: everything that one account has in common with others.

use std::collections::BTreeMap;

use super::Linker;
use crate::account::{Account, Number};
use crate::asks::Ask;
use crate::link::{Kind, Link, Pair, together};
use crate::place::{Member, Place};
use crate::strength::{self, BURST, Doubt, Kin};
use crate::{BAN_MEMORY, DAY, MEMORY, Second};

/// The most of a family who make their accounts within the same days: with more, different ages say nothing.
const FAMILY_MOST: usize = 4;

/// The most accounts of a device or network on which somebody's return is the likelier for it.
const SMALL: usize = 8;

/// What was gathered of one account's pair with another.
#[derive(Default)]
struct Gathered {
    /// How many were seen on each common device, and since and up to when both were.
    devices: Vec<usize>,
    device_span: Span,
    network: Option<Burst>,
    prefix: Option<Burst>,
    common: Common,
    may_be_return: bool,
}

/// A burst of registrations that both are of; strength as a multiple of what it says at most without more.
#[derive(Clone, Copy)]
struct Burst {
    strength: f64,
    together: usize,
    span: Span,
}

impl Burst {
    /// Which of two is kept: the same, from whichever side one looks.
    fn says_more_than(&self, other: &Burst) -> bool {
        let rest = |burst: &Burst| (burst.span.last, burst.together, burst.span.since);
        self.strength.total_cmp(&other.strength).then(rest(self).cmp(&rest(other))).is_gt()
    }
}

/// Targets in common.
#[derive(Default)]
struct Common {
    sum: u64,
    count: u32,
    synchronised: u32,
    span: Span,
}

#[derive(Clone, Copy)]
struct Span {
    since: Second,
    last: Second,
}

impl Default for Span {
    fn default() -> Self {
        Self { since: Second::MAX, last: 0 }
    }
}

impl Span {
    fn widen(&mut self, since: Second, last: Second) {
        self.since = self.since.min(since);
        self.last = self.last.max(last);
    }

    /// From when on both had been seen, to when either was last seen alone.
    fn of_two(a: &Member, b: &Member) -> Self {
        let since = a.first.max(b.first);
        Self { since, last: a.last.min(b.last).max(since) }
    }
}

impl Common {
    fn add(&mut self, says: u64, (one, other): (Second, Second)) {
        self.sum += says;
        self.count += 1;
        self.synchronised += u32::from(one.abs_diff(other) <= strength::SYNCHRONISED);
        self.span.widen(one.max(other), one.max(other));
    }
}

impl Linker {
    /// Everything that links an account to others with at least this strength, in order of the others.
    pub(super) fn pairs_of(&self, number: Number, least: f64) -> Vec<Pair> {
        let mut gathered: BTreeMap<Number, Gathered> = BTreeMap::new();
        self.gather_devices(number, &mut gathered);
        self.gather_bursts(number, &mut gathered);
        self.gather_targets(number, &mut gathered);
        self.gather_returns(number, &mut gathered);
        let account = self.of(number);
        let pair = |(other, found): (Number, Gathered)| {
            let other = (other, self.of(other));
            let links = self.weigh((number, account), other, found);
            let is_pair = !links.is_empty() && together(&links) >= least;
            is_pair.then(|| Pair::new(&account.token, &other.1.token, links))
        };
        let mut pairs: Vec<Pair> = gathered.into_iter().filter_map(pair).collect();
        pairs.retain(|pair| !self.is_broken(&pair.a, &pair.b));
        pairs.sort_unstable_by(|x, y| x.other(&account.token).cmp(y.other(&account.token)));
        pairs
    }

    fn gather_devices(&self, number: Number, gathered: &mut BTreeMap<Number, Gathered>) {
        for place in self.places_of(&self.of(number).devices) {
            let Some(own) = place.member(number) else { continue };
            for other in place.members.iter().filter(|other| other.account != number) {
                let found = gathered.entry(other.account).or_default();
                let span = Span::of_two(own, other);
                found.devices.push(place.members.len());
                found.device_span.widen(span.since, span.last);
            }
        }
    }

    fn gather_bursts(&self, number: Number, gathered: &mut BTreeMap<Number, Gathered>) {
        let account = self.of(number);
        let Some(created) = account.created else { return };
        for place in self.places_of(&account.networks) {
            self.gather_burst((number, created), place, |other, burst| {
                let found = gathered.entry(other).or_default();
                found.network = found.network.filter(|known| !burst.says_more_than(known)).or(Some(burst));
            });
        }
        for place in self.places_of(account.prefix.as_slice()) {
            self.gather_burst((number, created), place, |other, burst| {
                gathered.entry(other).or_default().prefix = Some(burst);
            });
        }
    }

    /// Those of a place who were created within days of the account, and how many were so of both.
    fn gather_burst(
        &self,
        (number, created): (Number, Second),
        place: &Place,
        mut each: impl FnMut(Number, Burst),
    ) {
        let Some(own) = place.member(number) else { return };
        let near = |member: &Member| {
            let when = self.of(member.account).created?;
            (when.abs_diff(created) <= BURST).then_some((when, *member))
        };
        let mut mates: Vec<(Second, Member)> = place.members.iter().filter_map(near).collect();
        if mates.len() < 3 {
            return;
        }
        let is_campaign = mates.len() > 5 && self.is_busy(place);
        mates.sort_unstable_by_key(|(when, member)| (*when, member.account));
        let before = |when: Second| mates.partition_point(|(other, _)| *other < when);
        for (when, other) in mates.iter().filter(|(_, other)| other.account != number) {
            let (earlier, later) = (created.min(*when), created.max(*when));
            let together = before(earlier.saturating_add(BURST + 1)) - before(later.saturating_sub(BURST));
            let more = if is_campaign { strength::campaign(together) } else { 1.0 };
            let strength = more * strength::burst(together, place.members.len());
            let span = Span::of_two(own, other);
            each(other.account, Burst { strength, together, span });
        }
    }

    /// Whether most of a place turn to strangers.
    fn is_busy(&self, place: &Place) -> bool {
        let busy = place.members.iter().filter(|member| self.of(member.account).is_busy()).count();
        2 * busy >= place.members.len()
    }

    fn gather_targets(&self, number: Number, gathered: &mut BTreeMap<Number, Gathered>) {
        for ask in &self.of(number).asked {
            let target = self.of(ask.who);
            // Among those who turned to it last, or it says nothing of either side.
            if target.was_asked_by(number) {
                for other in target.asked_by.iter().filter(|other| other.who != number) {
                    self.weigh_common((number, ask), (other, target.asked_by.len()), gathered);
                }
            }
        }
    }

    /// Whether an account turned to contacts of old of a suspended one, seen from either.
    fn gather_returns(&self, number: Number, gathered: &mut BTreeMap<Number, Gathered>) {
        let account = self.of(number);
        let mut suspect = |other: Number| gathered.entry(other).or_default().may_be_return = true;
        for target in account.asked.iter().map(|ask| self.of(ask.who)).filter(|t| t.was_asked_by(number)) {
            target
                .contacts
                .iter()
                .filter(|other| self.ban_of(**other).is_some())
                .for_each(|other| suspect(*other));
        }
        if self.ban_of(number).is_some() {
            let targets = account.contacts.iter().map(|contact| self.of(*contact));
            targets.flat_map(|target| &target.asked_by).for_each(|ask| suspect(ask.who));
        }
        gathered.remove(&number);
    }

    /// When an account was suspended, if it is and not too long ago.
    fn ban_of(&self, number: Number) -> Option<Second> {
        if !self.suspended.contains(&number) {
            return None;
        }
        self.of(number).banned.filter(|at| self.now.saturating_sub(*at) <= BAN_MEMORY)
    }

    /// One target that an account and another have in common.
    fn weigh_common(
        &self,
        (number, ask): (Number, &Ask),
        (other, askers): (&Ask, usize),
        gathered: &mut BTreeMap<Number, Gathered>,
    ) {
        let (times, weights) = ((ask.at, other.at), (ask.weight, other.weight));
        if self.is_fresh(ask.at)
            && self.is_fresh(other.at)
            && let Some(says) = strength::common(askers, weights, ask.at.abs_diff(other.at))
        {
            gathered.entry(other.who).or_default().common.add(says, times);
        }
        if self.ban_of(number).is_some() || self.ban_of(other.who).is_some() {
            gathered.entry(other.who).or_default().may_be_return = true;
        }
    }

    /// The links of a pair, by kind, faded to the present.
    fn weigh(&self, one: (Number, &Account), other: (Number, &Account), found: Gathered) -> Vec<Link> {
        let (a, b) = (one.1, other.1);
        let is_family = found.network.is_none_or(|burst| burst.together <= FAMILY_MOST);
        let kin = self.kin(one.0, other.0);
        let kin = Kin { generations: kin.generations && is_family, ..kin };
        let burst = |kind, most: f64, found: Option<Burst>| {
            let found = found?;
            Some((kind, most * found.strength * kin.factor(), count(found.together), found.span))
        };
        let (devices, common) = (found.devices.len(), &found.common);
        let device = strength::devices(found.devices) * kin.factor();
        let fewer = a.asked.len().min(b.asked.len());
        let targets = strength::targets(common.sum, common.synchronised, fewer);
        let again = found.may_be_return.then(|| self.again(one, other)).flatten();
        [
            Some((Kind::Device, device, count(devices), found.device_span)),
            burst(Kind::Network, strength::SHARED_MOST, found.network),
            burst(Kind::PhonePrefix, strength::PREFIX_MOST, found.prefix),
            Some((Kind::Targets, targets, common.count, common.span)),
            again.map(|(strength, common)| (Kind::Return, strength, common.count, common.span)),
        ]
        .into_iter()
        .flatten()
        .filter_map(|(kind, strength, count, span)| {
            let strength = strength * strength::faded(span.last, self.now);
            let ms = |at: Second| u64::from(at) * 1000;
            // What says next to nothing is no link.
            (strength >= 0.01).then(|| Link {
                kind,
                strength,
                since: ms(span.since),
                last: ms(span.last),
                count,
            })
        })
        .collect()
    }

    /// How far one is the other's return after a suspension, and the targets that say so.
    fn again(&self, one: (Number, &Account), other: (Number, &Account)) -> Option<(f64, Common)> {
        let suspended =
            |(number, account): (Number, &Account)| Some((self.ban_of(number)?, account.token.clone()));
        let (banned, back) = match (suspended(one), suspended(other)) {
            (None, None) => return None,
            // Of two, the one that was suspended first.
            (Some(first), Some(second)) if first > second => (other.1, one.1),
            (Some(_), _) => (one.1, other.1),
            (None, Some(_)) => (other.1, one.1),
        };
        let at = banned.banned?;
        let is_new = back.created.is_some_and(|created| created.saturating_add(DAY) >= at);
        let doubt = match is_new {
            false => Doubt::Old,
            true if self.share_small_place(banned, back) => Doubt::NewAndNear,
            true => Doubt::New,
        };
        let asks = if is_new { &back.firsts } else { &back.asked };
        let (mut common, mut most) = (Common::default(), 0);
        for ask in asks.iter().filter(|ask| ask.at > at) {
            let says = |weight| strength::repeated(self.of(ask.who).asked_by.len(), (ask.weight, weight));
            most += says(u8::MAX);
            let before = banned.asked.iter().find(|before| before.who == ask.who && before.at <= at);
            let contact = banned.contacts.contains(&ask.who).then_some(u8::MAX);
            if let Some(weight) = before.map(|before| before.weight).or(contact) {
                common.add(says(weight), (ask.at, ask.at));
            }
        }
        (common.count >= 2).then(|| (strength::again(common.sum, most, doubt), common))
    }

    /// What speaks for innocence where two share a place.
    pub(crate) fn kin(&self, one: Number, other: Number) -> Kin {
        let (a, b) = (self.of(one), self.of(other));
        let community = |ours: &[u32], theirs: &[u32]| {
            let mut common = ours.iter().filter(|place| theirs.contains(place));
            common.any(|place| self.place(*place).is_community())
        };
        Kin {
            old_contacts: a.known.contains(&other) || b.known.contains(&one),
            community: community(&a.networks, &b.networks) || community(&a.devices, &b.devices),
            generations: a.is_generation_apart(b),
        }
    }

    /// Whether two were seen on one device or network of few.
    fn share_small_place(&self, a: &Account, b: &Account) -> bool {
        let ours = a.devices.iter().chain(&a.networks);
        let mut common = ours.filter(|place| b.devices.contains(place) || b.networks.contains(place));
        common.any(|place| self.place(*place).members.len() <= SMALL)
    }

    /// Places that can link at all.
    fn places_of<'a>(&'a self, numbers: &'a [u32]) -> impl Iterator<Item = &'a Place> {
        numbers.iter().map(|number| self.place(*number)).filter(|place| !place.is_crowd)
    }

    fn is_fresh(&self, at: Second) -> bool {
        self.now.saturating_sub(at) <= MEMORY
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
