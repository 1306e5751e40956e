//! How many different cases one person reads in an hour, one by one or in lists; beyond that it takes a second person.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use events::Millis;
use review::{CaseId, Mask};

use super::problem::{Kind, Problem};
use crate::asking::Asking;
use crate::store::{Page, Unit};

const HOUR_MS: Millis = 60 * 60 * 1000;

/// Refuses one case more than anybody can look at in an hour; one that was looked at before is not one more.
pub(super) async fn within_limit(unit: &mut Unit, asking: &Asking, case: &CaseId) -> Result<(), Problem> {
    let hour_ago = unit.now().saturating_sub(HOUR_MS);
    let seen = unit.seen_since(&asking.name, hour_ago).await?;
    if seen < i64::from(asking.limits.cases_an_hour)
        || unit.has_seen(&asking.name, case, 0).await?
        || seen < most(unit, asking).await?
    {
        return Ok(());
    }
    Err(enough())
}

/// How many cases somebody may read in this hour: each time that somebody else let them read more, as many again.
async fn most(unit: &mut Unit, asking: &Asking) -> Result<i64, Problem> {
    let hour_ago = unit.now().saturating_sub(HOUR_MS);
    let more = unit.let_read_more(&asking.name, hour_ago).await?;
    Ok(i64::from(asking.limits.cases_an_hour) * (1 + more))
}

fn enough() -> Problem {
    let what = "wait, or propose read_more and have somebody else approve it";
    Problem::new(Kind::ReadEnough).because(what).after(600)
}

/// What each person was shown in lists within the hour: hashes of cases, and when. It is of this process and this run
/// of it; cases that are read one by one are counted in the database.
#[derive(Debug, Default)]
pub(super) struct Listed(Mutex<HashMap<Arc<str>, HashMap<u64, Millis>>>);

impl Listed {
    /// Refuses a page of a list by which somebody would see more accounts in an hour than they may. Cases whose account
    /// is hidden from them do not count.
    pub(super) async fn allow(&self, unit: &mut Unit, asking: &Asking, page: &Page) -> Result<(), Problem> {
        let named = page.entries.iter().filter(|entry| !asking.rights.hides(Mask::Account, entry.queue));
        let cases: Vec<u64> = named.map(|entry| hash(&entry.rank.case)).collect();
        let (now, few) = (unit.now(), asking.limits.cases_an_hour as usize);
        if self.note(&asking.name, &cases, now, few) {
            return Ok(());
        }
        let most = usize::try_from(most(unit, asking).await?).unwrap_or(few);
        if self.note(&asking.name, &cases, now, most) { Ok(()) } else { Err(enough()) }
    }

    /// Notes that somebody is shown these cases, unless they would then have been shown more than `most` in an hour.
    fn note(&self, person: &Arc<str>, cases: &[u64], now: Millis, most: usize) -> bool {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = people.entry(Arc::clone(person)).or_default();
        let fresh = cases.iter().filter(|case| !shown.contains_key(*case)).count();
        if shown.len() + fresh > most {
            shown.retain(|_, at| *at + HOUR_MS > now);
        }
        let fresh = cases.iter().filter(|case| !shown.contains_key(*case)).count();
        if shown.len() + fresh > most {
            return false;
        }
        shown.extend(cases.iter().map(|case| (*case, now)));
        true
    }
}

fn hash(case: &CaseId) -> u64 {
    let mut hasher = DefaultHasher::new();
    case.as_str().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
