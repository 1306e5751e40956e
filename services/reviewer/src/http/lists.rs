//! Reading the parameters of lists.

use std::collections::BTreeSet;

use review::{Permission, Queue};

use super::bodies::ListParams;
use super::cursor;
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
    let list = store::Query { status, queues, after: None, limit };
    let after = match params.cursor.as_deref() {
        None | Some("") => None,
        Some(text) => Some(cursor::decode(&list, text)?),
    };
    Ok(store::Query { after, ..list })
}

/// How many of a list somebody asks for, brought into what a page holds.
pub(super) fn limit(text: Option<&str>) -> Result<u32, Problem> {
    match text {
        None => Ok(LIMIT_DEFAULT),
        Some(text) => {
            let bad = || Problem::new(Kind::BadParameter).because("limit must be a whole number");
            coerced(text).ok_or_else(bad)
        }
    }
}

/// A whole number of any size, brought into 1 to the most that a page holds.
fn coerced(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.starts_with('-') {
        return Some(1);
    }
    Some(digits.parse().unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX))
}
