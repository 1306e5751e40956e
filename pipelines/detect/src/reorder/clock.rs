//! How far event time has come: a clock for each partition, which one producer's fast clock cannot carry off.

use std::collections::BTreeMap;

use events::Millis;
use serde::{Deserialize, Serialize};

/// How far ahead of its partition's clock an event may lie and still move it at once, in milliseconds.
pub(super) const AHEAD_BELIEVED_MS: Millis = 5 * 60 * 1000;

/// How many of a partition's last events are asked when one lies further ahead.
pub(super) const HEARD: usize = 32;

/// How many of them must lie that far ahead before the clock follows.
///
/// A clock never goes back, so that a stroke of luck must be as good as impossible: where every third event,
/// at random, is from a fast clock, 28 of 32 are so once in three thousand million events; a bare majority of
/// 16 would be within a hundred. Where as many are honest and the rest lag, the clock still finds its way.
pub(super) const CONFIRMED_BY: usize = 28;

/// The clock of one partition. It depends on the order of arrival in that partition and on nothing else.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Clock {
    /// None until enough has been heard: the very first event may be the one that is wrong.
    believed: Option<Millis>,
    /// The times of the last events, whatever became of them; the next one goes to `heard_count % HEARD`.
    heard: [Millis; HEARD],
    heard_count: usize,
    /// Nothing is still to come up to here. Not stored: what was quiet then may have much to say when the
    /// engine is read back.
    #[serde(skip)]
    idle_upto: Option<Millis>,
}

impl Clock {
    fn hear(&mut self, ts: Millis) {
        self.idle_upto = None;
        self.heard[self.heard_count % HEARD] = ts;
        self.heard_count += 1;
        if self.is_ahead(ts) {
            self.believe_what_is_confirmed();
        } else {
            self.believed = self.believed.max(Some(ts));
        }
    }

    fn is_ahead(&self, ts: Millis) -> bool {
        self.believed.is_none_or(|believed| ts > believed.saturating_add(AHEAD_BELIEVED_MS))
    }

    /// Goes to the least of the times ahead once there are enough of them.
    fn believe_what_is_confirmed(&mut self) {
        let heard = &self.heard[..self.heard_count.min(HEARD)];
        let (mut ahead_count, mut least) = (0, Millis::MAX);
        for ts in heard.iter().copied().filter(|ts| self.is_ahead(*ts)) {
            ahead_count += 1;
            least = least.min(ts);
        }
        if ahead_count >= CONFIRMED_BY {
            self.believed = Some(least);
        }
    }
}

/// The clocks of all partitions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Clocks {
    lateness_ms: Millis,
    clocks: BTreeMap<i32, Clock>,
    /// The least of the clocks, so that it need not be sought at every event.
    slowest: Millis,
}

impl Clocks {
    pub(super) fn new(lateness_ms: Millis, partitions: &[i32]) -> Self {
        let clocks = partitions.iter().map(|partition| (*partition, Clock::default())).collect();
        Self { lateness_ms, clocks, slowest: 0 }
    }

    /// Takes in an event's time, and says up to when every partition has been heard, idle ones too.
    pub(super) fn hear(&mut self, partition: i32, ts: Millis) -> Millis {
        let clock = self.clocks.entry(partition).or_default();
        let before = clock.believed.unwrap_or(0);
        clock.hear(ts);
        // Below the slowest: a partition that was not known before.
        if before < self.slowest || (before == self.slowest && clock.believed.unwrap_or(0) > before) {
            self.find_slowest();
        }
        self.slowest.saturating_sub(self.lateness_ms)
    }

    pub(super) fn set_idle(&mut self, partition: i32, upto: Millis) {
        self.clocks.entry(partition).or_default().idle_upto = Some(upto);
        self.find_slowest();
    }

    fn find_slowest(&mut self) {
        self.slowest = self.clocks.values().map(|clock| clock.believed.unwrap_or(0)).min().unwrap_or(0);
    }

    pub(super) fn finish(&mut self) {
        self.clocks.values_mut().for_each(|clock| clock.idle_upto = Some(Millis::MAX));
    }

    /// Up to when every partition that is not idle has been heard. Where all are idle nobody is held back, and
    /// time has come as far as any of them says.
    pub(super) fn watermark(&self) -> Millis {
        let heard = |clock: &Clock| clock.believed.unwrap_or(0).saturating_sub(self.lateness_ms);
        let awake = self.clocks.values().filter(|clock| clock.idle_upto.is_none()).map(heard).min();
        let idle = self.clocks.values().map(|clock| heard(clock).max(clock.idle_upto.unwrap_or(0)));
        awake.or_else(|| idle.max()).unwrap_or(Millis::MAX)
    }

    /// Up to when each partition has been heard, where anything has.
    pub(super) fn heard(&self) -> impl Iterator<Item = (i32, Option<Millis>)> + '_ {
        self.clocks.iter().map(|(partition, clock)| (*partition, clock.believed))
    }

    pub(super) fn latest(&self) -> Option<Millis> {
        self.clocks.values().filter_map(|clock| clock.believed).max()
    }

    pub(super) fn running_ahead(&self, ahead_ms: Millis) -> Vec<i32> {
        let limit = self.watermark().saturating_add(self.lateness_ms).saturating_add(ahead_ms);
        let is_ahead = |clock: &Clock| clock.believed.is_some_and(|believed| believed > limit);
        self.clocks.iter().filter(|(_, clock)| is_ahead(clock)).map(|(partition, _)| *partition).collect()
    }
}
