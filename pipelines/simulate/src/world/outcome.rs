//! What is really so, and what becomes known of it.

use evaluation::Truth;
use events::{Category, Label, LabelSource, Verdict};

use crate::DAY;
use crate::crowd::Crowd;
use crate::dice::{Dice, Process, whole};
use crate::params::CheckedParams;
use crate::person::Role;
use crate::scribe::Cast;

/// Share of ordinary people and of look-alikes who are looked at and found benign (our choice).
const BENIGN: (f64, f64) = (0.05, 0.3);

/// Days from onset to the finding: median, and sigma of the logarithm, so that p95 is 14 days (our choice,
/// near the handbook's week of label delay).
const DELAY_DAYS: (f64, f64) = (3.0, 0.936);

pub(super) fn truth(crowd: &Crowd, cast: &Cast) -> Vec<Truth> {
    let entry = |(person, account): (&crate::person::Person, &crate::account::Account)| {
        let (archetype, role) = match person.role {
            Role::Ordinary => (None, None),
            Role::Teacher { .. } => (None, Some("teacher")),
            Role::YouthCoach { .. } => (None, Some("youth_coach")),
            Role::Scattergun(_) => (Some("scattergun"), None),
            Role::BulkSpammer(_) => (Some("bulk_spammer"), None),
        };
        Truth {
            account: account.token.as_str().to_owned(),
            abusive: archetype.is_some(),
            archetype: archetype.map(str::to_owned),
            role: role.map(str::to_owned),
            onset: person.abuse().map(|abuse| abuse.onset),
            minor: person.is_minor(),
        }
    };
    crowd.people.iter().zip(&cast.accounts).map(entry).collect()
}

pub(super) fn labels(params: &CheckedParams, crowd: &Crowd, cast: &Cast) -> Vec<Label> {
    let (start, end) = (params.get().start, params.end());
    let mut labels = Vec::new();
    for ((who, person), account) in (0..).zip(&crowd.people).zip(&cast.accounts) {
        let mut dice = Dice::new(params.get().seed, who, Process::Label, 0);
        let after = |dice: &mut Dice, since: u64| {
            let (median, sigma) = DELAY_DAYS;
            since + whole(dice.log_normal(median, sigma) * DAY as f64)
        };
        let (label, category, ts) = match person.role {
            Role::Scattergun(abuse) => {
                (Verdict::Abusive, Some(Category::ChildSafety), after(&mut dice, abuse.onset))
            }
            Role::BulkSpammer(abuse) => {
                (Verdict::Abusive, Some(Category::Spam), after(&mut dice, abuse.onset))
            }
            Role::Ordinary if !dice.chance(BENIGN.0) => continue,
            Role::Teacher { .. } | Role::YouthCoach { .. } if !dice.chance(BENIGN.1) => continue,
            _ => {
                let since = person.joins.unwrap_or(start);
                (Verdict::Benign, None, since + dice.below(end - since))
            }
        };
        if ts < end {
            let source = LabelSource::Simulation;
            labels.push(Label { account: account.token.clone(), label, category, ts, source });
        }
    }
    labels.sort_by(|a, b| (a.ts, &a.account).cmp(&(b.ts, &b.account)));
    labels
}
