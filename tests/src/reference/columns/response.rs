//! How the other side answers.

use events::Age;

use crate::reference::life::Sum;
use crate::reference::pair::{Approach, Request};
use crate::reference::{DAY, HOUR};

use super::{
    Columns, D7, D28, FEW, H1, H24, Seen, count, drawn, expected, median, over, percentiles, put, share,
    share_of,
};

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    acceptance(seen, columns);
    acceptance_by_age(seen, columns);
    replies(seen, columns);
    ties(seen, columns);
    additions(seen, columns);
    answers(seen, columns);
    off_platform(seen, columns);
}

/// Whether each request that was answered was accepted.
fn answered<'a>(approaches: impl IntoIterator<Item = &'a Approach>) -> Vec<bool> {
    let requests = approaches.into_iter().filter_map(|a| a.request);
    requests.filter(|r| *r != Request::Open).map(|r| r == Request::Accepted).collect()
}

fn acceptance(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "accept_rate_all", &[D7, D28], |w| share_of(&answered(seen.within(w)), 0.4));
    over(columns, "accept_rate_minor", &[D7, D28], |w| share_of(&answered(seen.minors_within(w)), 0.4));
    let (n, k) = (seen.diary.life.sum(Sum::Answered, seen.now), seen.diary.life.sum(Sum::Accepted, seen.now));
    put(columns, "accept_rate_minor_life", (n >= 5.0).then(|| drawn(k, n, 0.4)));
    over(columns, "accept_rate_minor_distant", &[D28], |w| {
        let distant = seen.minors_within(w).into_iter().filter(|a| a.first.mutuals == Some(0));
        share_of(&answered(distant), 0.4)
    });
    over(columns, "accept_stale_minor", &[D28], |w| {
        let asked = seen.minors_within(w).into_iter().filter(|a| a.request.is_some());
        let is_stale = |a: &Approach| a.request == Some(Request::Open) && a.start + 72 * HOUR < seen.now;
        share_of(&asked.map(is_stale).collect::<Vec<bool>>(), 0.2)
    });
}

fn acceptance_by_age(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "accept_by_age_gap", &[D28], |w| {
        let minors = answered(seen.minors_within(w));
        let others = answered(seen.within(w).into_iter().filter(|a| !a.is_to_minor()));
        let rate = |answered: &[bool]| {
            let k = answered.iter().filter(|is_accepted| **is_accepted).count();
            (k as f64 + 2.0) / (answered.len() as f64 + 5.0)
        };
        (minors.len() >= FEW && others.len() >= FEW).then(|| rate(&minors) - rate(&others))
    });
    over(columns, "accept_by_age_slope", &[D28], |w| {
        let points: Vec<(u64, u64)> = seen
            .within(w)
            .into_iter()
            .filter_map(|a| {
                let band = a.first.band?;
                let is_accepted = answered([a]).first().copied()?;
                let rank = Age::ALL.iter().position(|age| *age == band)?;
                Some((rank as u64, u64::from(is_accepted)))
            })
            .collect();
        slope(&points)
    });
}

fn slope(points: &[(u64, u64)]) -> Option<f64> {
    let n = points.len() as f64;
    let sum = |of: fn(&(u64, u64)) -> u64| points.iter().map(of).sum::<u64>() as f64;
    let (x, y, xx, xy) = (sum(|p| p.0), sum(|p| p.1), sum(|p| p.0 * p.0), sum(|p| p.0 * p.1));
    let spread = n * xx - x * x;
    (points.len() >= FEW && spread > 0.0).then(|| ((n * xy - x * y) / spread).clamp(-1.0, 1.0))
}

fn replies(seen: &Seen<'_>, columns: &mut Columns) {
    let replied = |approaches: Vec<&Approach>| -> Vec<bool> {
        approaches.iter().filter(|a| a.out > 0).map(|a| a.back > 0).collect()
    };
    over(columns, "reply_rate", &[H24, D7, D28], |w| share_of(&replied(seen.within(w)), 0.467));
    over(columns, "reply_rate_minor", &[H24, D7], |w| share_of(&replied(seen.minors_within(w)), 0.467));
    over(columns, "one_sided_ratio", &[H24, D7], |w| {
        let minors = seen.minors_within(w);
        let out: u64 = minors.iter().map(|a| a.out).sum();
        let back: u64 = minors.iter().map(|a| a.back).sum();
        (written_to(&minors) >= FEW).then(|| out as f64 / (out + back) as f64)
    });
    over(columns, "unreplied_run", &[D7], |w| {
        Some(seen.minors_within(w).iter().map(|a| a.longest_run).max().unwrap_or(0) as f64)
    });
}

/// How many of them A has written to.
fn written_to(approaches: &[&Approach]) -> usize {
    approaches.iter().filter(|a| a.out > 0).count()
}

fn ties(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "stranger_share", &[H24, D7, D28], |w| {
        let known: Vec<bool> = seen.within(w).iter().filter_map(|a| a.first.is_stranger).collect();
        share_of(&known, 0.3)
    });
    over(columns, "addrbook_asymmetry", &[H24, D7], |w| {
        let known = |a: &&Approach| {
            let (has, had) = (a.first.has?, a.first.had?);
            Some(has && !had)
        };
        share_of(&seen.within(w).iter().filter_map(known).collect::<Vec<bool>>(), 0.1)
    });
}

fn additions(seen: &Seen<'_>, columns: &mut Columns) {
    let added = |w| -> Vec<&Approach> { seen.within(w).into_iter().filter(|a| a.is_added).collect() };
    over(columns, "group_inject_added", &[H1, H24, D7], |w| count(added(w).len()));
    percentiles(columns, "group_inject_added", &[H24, D7]);
    over(columns, "group_inject_minors", &[H24, D7], |w| {
        Some(expected(added(w).iter().filter(|a| a.first.is_stranger == Some(true))))
    });
    over(columns, "group_inject_left", &[D7], |w| {
        let left: Vec<bool> = added(w).iter().map(|a| a.has_left_quickly).collect();
        share_of(&left, 0.05)
    });
}

fn answers(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "reply_asym_latency", &[D7], |w| {
        let own: Vec<u64> = seen.within(w).iter().filter_map(|a| a.answer).collect();
        let others: Vec<u64> = seen.within(w).iter().filter_map(|a| a.answer_of_other).collect();
        if own.len() < FEW || others.len() < FEW {
            return None;
        }
        Some(median(own)? as f64 - median(others)? as f64)
    });
    over(columns, "reply_night_minor", &[D7], |w| {
        let answered = seen.minors_within(w).into_iter().filter(|a| a.answer.is_some());
        share_of(&answered.map(|a| a.has_answered_at_night).collect::<Vec<bool>>(), 0.05)
    });
    over(columns, "night_minor", &[D7, D28], |w| {
        let minors = seen.minors_within(w);
        let others: Vec<&Approach> = seen.within(w).into_iter().filter(|a| !a.is_to_minor()).collect();
        let part = |approaches: &[&Approach]| {
            let night = approaches.iter().map(|a| a.night).sum::<u64>() as f64;
            let out = approaches.iter().map(|a| a.out).sum::<u64>() as f64;
            (night + 0.5) / (out + 5.0)
        };
        (written_to(&minors) >= FEW).then(|| part(&minors) - part(&others))
    });
    over(columns, "unsend_cleanup", &[H24, D7], |w| {
        let minors = seen.minors_within(w);
        let n = minors.iter().map(|a| a.out).sum::<u64>() as f64;
        let k = minors.iter().map(|a| a.unsent).sum::<u64>() as f64;
        (written_to(&minors) >= FEW).then(|| drawn(k, n, 0.02).min(1.0))
    });
    over(columns, "unsend_before_protest", &[D28], |w| {
        let is_cleaned = |a: &&&Approach| a.protest.is_some_and(|protest| protest.is_cleaned);
        Some(expected(seen.within(w).iter().filter(is_cleaned)))
    });
}

fn off_platform(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "off_platform_drop", &[D7, D28], |w| {
        let has_dropped = |a: &&&Approach| {
            a.early >= 40 && a.last + DAY <= seen.now && (a.is_card_passed || a.vanishes) && !a.is_blocked
        };
        Some(expected(seen.minors_within(w).iter().filter(has_dropped)))
    });
    over(columns, "mutual_manufacture", &[H24, D7], |w| {
        let gained: Vec<i64> = seen
            .minors_within(w)
            .iter()
            .filter(|a| a.request == Some(Request::Accepted))
            .filter_map(|a| Some(a.mutuals_at_acceptance? - a.first.mutuals?))
            .collect();
        (gained.len() >= FEW).then(|| gained.iter().sum::<i64>() as f64 / gained.len() as f64)
    });
    over(columns, "mutual_manufacture_seeded", &[D7], |w| {
        let minors = seen.minors_within(w);
        let accepted = minors.iter().filter(|a| a.request == Some(Request::Accepted));
        let mutuals: Vec<i64> = accepted.filter_map(|a| a.first.mutuals).collect();
        share(mutuals.iter().filter(|mutuals| **mutuals == 0).count(), mutuals.len(), 0.2)
    });
}
