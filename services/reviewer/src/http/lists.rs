//! Reading the parameters of lists.

use std::collections::BTreeSet;

use review::{Claimed, Due, Permission, Queue};
use serde::Deserialize;
use utoipa::IntoParams;

use super::bodies::ListParams;
use super::cursor::{self, Place};
use super::problem::{Kind, Problem};
use crate::asking::Asking;
use crate::store::{self, Status};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// The list that somebody asks for, of what they may read.
pub(super) fn query(params: &ListParams, asking: &Asking) -> Result<store::Query, Problem> {
    let bad = |detail: &str| Problem::new(Kind::BadParameter).because(detail);
    let status = match params.status.as_deref() {
        None => None,
        Some(word) => Some(Status::parse(word).ok_or_else(|| bad("status must be open or decided"))?),
    };
    let readable = asking.rights.queues(Permission::CasesRead);
    let queues = match params.queue.as_deref() {
        None => readable,
        Some(word) => {
            let queue = Queue::parse(word).ok_or_else(|| bad("there is no such queue"))?;
            BTreeSet::from([queue]).intersection(&readable).copied().collect()
        }
    };
    let limit = limit(params.limit.as_deref())?;
    let claim = params
        .claim
        .as_deref()
        .map(|word| Claimed::parse(word).ok_or_else(|| bad("claim must be mine, others or nobody")));
    let due = params
        .due
        .as_deref()
        .map(|word| Due::parse(word).ok_or_else(|| bad("due must be overdue or in_time")));
    let (claim, due, person) = (claim.transpose()?, due.transpose()?, asking.name.to_string());
    let list = store::Query { status, queues, claim, due, person, after: None, limit };
    let after = match params.cursor.as_deref() {
        None | Some("") => None,
        Some(text) => Some(cursor::decode(&list, text)?),
    };
    Ok(store::Query { after, ..list })
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParams {
    /// At most so many; brought into 1 to 200. 50 where it is left out.
    #[param(required = false, schema_with = super::bodies::choices::limit_schema)]
    pub(super) limit: Option<String>,
    /// Where the page before ended: its `next`, of the same list.
    #[param(required = false, nullable = false)]
    pub(super) cursor: Option<String>,
}

impl PageParams {
    /// How many entries are asked for of a list, and after which place.
    pub(super) fn of(&self, list: &str) -> Result<(u32, Option<Place>), Problem> {
        Ok((limit(self.limit.as_deref())?, after(list, self.cursor.as_deref())?))
    }
}

/// The place after which a page of a list begins; none for the first page.
pub(super) fn after(list: &str, cursor: Option<&str>) -> Result<Option<Place>, Problem> {
    cursor.filter(|text| !text.is_empty()).map(|text| Place::decode(list, text)).transpose()
}

/// Cuts entries, of which one more was read than a page holds, to a page, and gives the cursor of the next one where
/// there is one.
pub(super) fn page<T>(
    entries: &mut Vec<T>,
    limit: u32,
    list: &str,
    place: impl Fn(&T) -> Place,
) -> Option<String> {
    let is_last = entries.len() <= limit as usize;
    entries.truncate(limit as usize);
    entries.last().filter(|_| !is_last).map(|entry| place(entry).encode(list))
}

/// How many of a list somebody asks for, brought into what a page holds.
pub(super) fn limit(text: Option<&str>) -> Result<u32, Problem> {
    within(text, LIMIT_DEFAULT, LIMIT_MAX)
}

/// The same, where a page holds `most` and `default` is what is meant where nothing is said.
pub(super) fn within(text: Option<&str>, default: u32, most: u32) -> Result<u32, Problem> {
    let bad = || Problem::new(Kind::BadParameter).because("limit must be a whole number");
    text.map_or(Ok(default), |text| coerced(text, most).ok_or_else(bad))
}

/// A whole number of any size, brought into 0 to `most`, which is also what is meant where nothing is said.
pub(super) fn at_most(text: Option<&str>, name: &str, most: u32) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(most) };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::new(Kind::BadParameter).because(format!("{name} must be a whole number")));
    }
    Ok(if text.starts_with('-') { 0 } else { digits.parse().unwrap_or(most).min(most) })
}

/// A whole number of any size, brought into 1 to the most that a page holds.
fn coerced(text: &str, most: u32) -> Option<u32> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.starts_with('-') {
        return Some(1);
    }
    Some(digits.parse().unwrap_or(most).clamp(1, most))
}
