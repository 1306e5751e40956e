//! How regularly the account writes.

use std::collections::{BTreeMap, BTreeSet};

use events::{Size, Typing};

use crate::reference::diary::Message;
use crate::reference::{DAY, Second, is_within, rank};

use super::{Columns, FEW, Seen, count, put, share_of};

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    let messages: Vec<Message> =
        seen.diary.messages().iter().filter(|m| is_within(m.at, DAY, seen.now)).copied().collect();
    let gaps: Vec<(Second, Option<Size>)> = messages
        .iter()
        .zip(messages.iter().skip(1))
        .map(|(before, after)| (after.at - before.at, after.size))
        .collect();
    put(columns, "burst_cv", cv(&gaps));
    put(
        columns,
        "burst_same_second",
        share_of(&gaps.iter().map(|(gap, _)| *gap == 0).collect::<Vec<_>>(), 0.05),
    );
    put(columns, "burst_messages", count(most_within_15_s(&messages)));
    for (name, length) in [("burst_fano_10s", 10), ("burst_fano_1m", 60), ("burst_fano_10m", 600)] {
        put(columns, name, fano(&messages, length));
    }
    put(columns, "automation_entropy", entropy(&gaps));
    let typing = messages.iter().filter_map(|m| m.typing).map(|typing| typing == Typing::None);
    put(columns, "automation_untyped", share_of(&typing.collect::<Vec<_>>(), 0.1));
    let forwarded: Vec<bool> = messages.iter().map(|m| m.is_forwarded).collect();
    put(columns, "forward_share", share_of(&forwarded, 0.05));

    let hours = seen.diary.hours(seen.now);
    put(columns, "automation_hours", hours.as_ref().map(|hours| hours.len() as f64));
    put(columns, "automation_rest", hours.as_ref().map(|hours| longest_rest(hours) as f64));
}

/// √(n Σg² − (Σg)²) / Σg, which is the deviation over the mean with whole numbers for as long as there are any.
fn cv(gaps: &[(Second, Option<Size>)]) -> Option<f64> {
    if gaps.len() < FEW {
        return None;
    }
    let n = gaps.len() as u64;
    let sum: u64 = gaps.iter().map(|(gap, _)| gap).sum();
    let squares: u64 = gaps.iter().map(|(gap, _)| gap * gap).sum();
    Some(if sum == 0 { 0.0 } else { ((n * squares - sum * sum) as f64).sqrt() / sum as f64 })
}

fn most_within_15_s(messages: &[Message]) -> usize {
    let within = |t: Second| messages.iter().filter(|m| (t..t + 15).contains(&m.at)).count();
    messages.iter().map(|m| within(m.at)).max().unwrap_or(0)
}

/// Of the numbers of messages in each stretch of this length, from the first of them to the last.
fn fano(messages: &[Message], length: Second) -> Option<f64> {
    if messages.len() <= FEW {
        return None;
    }
    let stretch = |m: &Message| m.at / length;
    let (first, last) = (messages.iter().map(stretch).min()?, messages.iter().map(stretch).max()?);
    let n = last - first + 1;
    let sum = messages.len() as u64;
    let squares: u64 = (first..=last)
        .map(|s| messages.iter().filter(|m| stretch(m) == s).count() as u64)
        .map(|count| count * count)
        .sum();
    // Variance over mean, with whole numbers for as long as there are any.
    Some((n * squares - sum * sum) as f64 / (n * sum) as f64)
}

fn entropy(gaps: &[(Second, Option<Size>)]) -> Option<f64> {
    let mut counts: BTreeMap<(u64, Option<Size>), usize> = BTreeMap::new();
    for (gap, size) in gaps {
        *counts.entry((rank(*gap), *size)).or_default() += 1;
    }
    let term = |n: usize| {
        let share = n as f64 / gaps.len() as f64;
        share * share.log2()
    };
    (gaps.len() >= FEW).then(|| -counts.into_values().map(term).sum::<f64>())
}

/// Longest run of hours, around the clock, that are not among these.
fn longest_rest(hours: &BTreeSet<u64>) -> usize {
    let run = |from: u64| (from..from + 24).take_while(|hour| !hours.contains(&(hour % 24))).count();
    (0..24).map(run).max().unwrap_or(0)
}
