//! The features' page, family by family.

use std::collections::BTreeMap;

use super::age::{self, Parts};
use super::card::Card;
use super::diary::Diary;
use super::pair::Approach;
use super::registers::Device;
use super::world::World;
use super::{DAY, HOUR, MINUTE, Second, is_within};

mod deviation;
mod graph;
mod identity;
mod protest;
mod response;
mod rhythm;
mod targeting;
mod timing;

/// A window's name and length.
type Window = (&'static str, Second);

const M10: Window = ("10m", 10 * MINUTE);
const H1: Window = ("1h", HOUR);
const H2: Window = ("2h", 2 * HOUR);
const H24: Window = ("24h", DAY);
const D7: Window = ("7d", 7 * DAY);
const D28: Window = ("28d", 28 * DAY);

/// Shares are absent below this many, and are drawn towards what is usual with the weight of this many.
const FEW: usize = 5;

/// Values by name.
type Columns = BTreeMap<String, Option<f64>>;

/// What a column is read off: an account at a tick.
struct Seen<'w> {
    now: Second,
    card: Card<'w>,
    diary: Diary<'w>,
    /// Those of the last 28 days, in the order in which they were made.
    approaches: Vec<Approach>,
    /// Start and p of bonds that the other side began.
    begun_by_others: Vec<(Second, Parts)>,
    /// The p of all pairs.
    pairs: Vec<Parts>,
    /// Start and p of the approaches that had to go.
    crowd: Vec<(Second, Parts)>,
    devices: Vec<Device>,
    registered_alike: Option<(usize, usize)>,
    /// For each account under which counterparts are entered: how many, how many of these are among its own first
    /// approaches, and whether it has a device or its registration in common with this one.
    entered: Vec<(usize, usize, bool)>,
}

/// As many of an account's approaches are compared with others'.
const COMPARED: usize = 20;

/// Every column of an account at a tick.
pub(super) fn at<'a>(world: &mut World<'a>, account: &'a str, now: Second) -> Columns {
    let seen = look(world, account, now);
    let mut columns = Columns::new();
    targeting::add(&seen, &mut columns);
    response::add(&seen, &mut columns);
    timing::add(&seen, &mut columns);
    rhythm::add(&seen, &mut columns);
    identity::add(&seen, &mut columns);
    graph::add(&seen, &mut columns);
    protest::add(&seen, &mut columns);
    deviation::add(&seen, &mut columns);
    columns
}

fn look<'a>(world: &mut World<'a>, account: &'a str, now: Second) -> Seen<'a> {
    let card = world.card(account).clone();
    let diary = world.diary(account).clone();
    let memories = world.memories(account);
    let approaches = memories.approaches(now);
    let begun_by_others = memories.begun_by_others(now).map(|memory| (memory.start, memory.p)).collect();
    let pairs = memories.all(now).map(|memory| memory.p).collect();
    let crowd = memories.crowd().to_vec();
    let first: Vec<&str> = approaches.iter().take(COMPARED).map(|a| a.other.as_str()).collect();
    let entered = world.registers.entered(account, now).map(|(counterparts, is_linked)| {
        let common = first.iter().filter(|other| counterparts.contains(**other)).count();
        (counterparts.len(), common, is_linked)
    });
    Seen {
        now,
        card,
        diary,
        begun_by_others,
        pairs,
        crowd,
        devices: world.registers.devices(account),
        registered_alike: world.registers.registered_alike(account, now),
        entered: entered.collect(),
        approaches,
    }
}

impl Seen<'_> {
    /// The approaches that began in a window.
    fn within(&self, window: Window) -> Vec<&Approach> {
        self.approaches.iter().filter(|a| is_within(a.start, window.1, self.now)).collect()
    }

    /// Those of them that are to likely minors.
    fn minors_within(&self, window: Window) -> Vec<&Approach> {
        self.within(window).into_iter().filter(|a| a.is_to_minor()).collect()
    }

    /// How probable it is that the holder is a minor.
    fn holder(&self) -> f64 {
        self.card.holder.unwrap_or(age::UNSAID) as f64 / 10_000.0
    }

    /// How old the account is, in seconds.
    fn age(&self) -> Option<Second> {
        self.card.created.map(|created| self.now.saturating_sub(created))
    }
}

/// Adds a column.
fn put(columns: &mut Columns, name: &str, value: Option<f64>) {
    columns.insert(name.to_owned(), value);
}

/// Adds a column for each window.
fn over(columns: &mut Columns, name: &str, windows: &[Window], value: impl Fn(Window) -> Option<f64>) {
    for window in windows {
        columns.insert(format!("{name}_{}", window.0), value(*window));
    }
}

/// Adds the columns that only a model's baselines fill.
fn percentiles(columns: &mut Columns, name: &str, windows: &[Window]) {
    for window in windows {
        columns.insert(format!("{name}_{}_pct", window.0), None);
    }
}

/// Σ p(B).
fn expected<'a>(approaches: impl IntoIterator<Item = &'a &'a Approach>) -> f64 {
    approaches.into_iter().map(|a| a.p).sum::<Parts>() as f64 / 10_000.0
}

/// (k + 5 · usual) / (n + 5); absent for few.
fn share(k: usize, n: usize, usual: f64) -> Option<f64> {
    (n >= FEW).then(|| drawn(k as f64, n as f64, usual))
}

/// The same of all, by what of each is yes.
fn share_of(which: &[bool], usual: f64) -> Option<f64> {
    share(which.iter().filter(|is| **is).count(), which.len(), usual)
}

fn drawn(k: f64, n: f64, usual: f64) -> f64 {
    (k + 5.0 * usual) / (n + 5.0)
}

fn count(n: usize) -> Option<f64> {
    Some(n as f64)
}

/// Of an even number, the lower of the two in the middle.
fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}
