//! How many flags of a model are shown in an hour of event time. A model that flags far more than was planned for, because
//! it is wrong or because the world has changed, floods whoever reviews; it is silenced, and stays so until a person lifts
//! that.

use std::collections::HashMap;

use events::{Millis, Token};
use serde::{Deserialize, Serialize};

const HOUR_MS: Millis = 60 * 60 * 1000;

/// What a limiter counts, and since when it shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The model.
    pub model: String,
    /// The most of its flags that are shown in an hour of event time, at least 1.
    pub max: u32,
    /// How often people have lifted limits. Another number begins anew.
    pub lifts: u64,
    /// The hour of event time that is counted, from the epoch.
    hour: u64,
    /// Flags shown in it.
    shown: u32,
    /// The tick of the first flag that was not shown, milliseconds since the epoch; none while all are.
    pub since: Option<Millis>,
}

/// A limit at work.
#[derive(Clone, Debug)]
pub(crate) struct Limiter {
    limit: Limit,
    /// How high accounts had been flagged whose flags were held.
    held: HashMap<Token, Option<u8>>,
}

impl Limiter {
    pub(crate) fn new(model: &str, max: u32, lifts: u64) -> Self {
        let limit = Limit { model: model.to_owned(), max: max.max(1), lifts, hour: 0, shown: 0, since: None };
        Self { limit, held: HashMap::new() }
    }

    pub(crate) fn limit(&self) -> &Limit {
        &self.limit
    }

    /// Goes on where another was, if that was of the same model under the same limit and nobody lifted it since.
    pub(crate) fn go_on(&mut self, before: &Limit) {
        let of = |limit: &Limit| (limit.model.clone(), limit.max, limit.lifts);
        if of(before) == of(&self.limit) {
            self.limit = before.clone();
        }
    }

    /// Whether a flag of this tick is shown. Flags come in the order of their ticks. An account whose flag is held had been
    /// flagged as high as `before`.
    pub(crate) fn admits(&mut self, account: &Token, at: Millis, before: Option<u8>) -> bool {
        let limit = &mut self.limit;
        if at / HOUR_MS != limit.hour {
            (limit.hour, limit.shown) = (at / HOUR_MS, 0);
        }
        if limit.since.is_none() && limit.shown < limit.max {
            limit.shown += 1;
            return true;
        }
        limit.since = limit.since.or(Some(at));
        self.held.entry(account.clone()).or_insert(before);
        false
    }

    /// Of how high accounts were flagged, what was shown.
    pub(crate) fn shown(&self, steps: &mut HashMap<Token, u8>) {
        for (account, before) in &self.held {
            match before {
                Some(before) => drop(steps.insert(account.clone(), *before)),
                None => drop(steps.remove(account)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(n: u32) -> Token {
        Token::try_from(format!("account_of_number_{n:08}").as_str()).unwrap()
    }

    #[test]
    fn who_is_over_the_limit_is_silent_until_it_is_lifted() {
        let mut limiter = Limiter::new("m", 2, 0);
        let hour = 100 * HOUR_MS;
        let shown = (0..4).map(|n| limiter.admits(&account(n), hour + u64::from(n), None));
        assert_eq!(shown.collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(limiter.limit().since, Some(hour + 2));
        assert!(!limiter.admits(&account(9), hour + 5 * HOUR_MS, None), "the next hours are silent too");

        let mut same = Limiter::new("m", 2, 0);
        same.go_on(limiter.limit());
        assert!(!same.admits(&account(5), hour + 9 * HOUR_MS, None), "a restart lifts nothing");
        for mut lifted in [Limiter::new("m", 2, 1), Limiter::new("m", 3, 0), Limiter::new("n", 2, 0)] {
            lifted.go_on(limiter.limit());
            assert!(lifted.admits(&account(5), hour + 9 * HOUR_MS, None));
        }
    }

    #[test]
    fn each_hour_has_its_own_count() {
        let mut limiter = Limiter::new("m", 2, 0);
        let all = (0..200_u64).all(|n| limiter.admits(&account(0), n * HOUR_MS / 2, None));
        assert!(all, "two an hour are as many as may be");
    }

    #[test]
    fn accounts_whose_flags_were_held_are_as_high_as_before() {
        let mut limiter = Limiter::new("m", 1, 0);
        for (n, before) in [(0, None), (1, None), (2, Some(1)), (2, Some(3))] {
            limiter.admits(&account(n), 0, before);
        }
        let mut steps = HashMap::from([(account(0), 1), (account(1), 2), (account(2), 4)]);
        limiter.shown(&mut steps);
        assert_eq!(steps, HashMap::from([(account(0), 1), (account(2), 1)]));
    }
}
