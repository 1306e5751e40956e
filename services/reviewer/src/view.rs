//! What people see: pages, pictures and words, made from cases and nothing else.

use std::collections::BTreeMap;

use detect::Evidence;
use review::{CaseId, Decision, Docket, OpenCase};

mod case_page;
mod case_work;
mod pages;
mod pictures;
mod words;

pub(crate) use case_page::{CasePage, Chosen, Notice, Shown};
pub(crate) use case_work::{Pending, Work};
pub(crate) use pages::{
    CaseCard, ErrorPage, Frame, HeldCase, LoginPage, QueuePage, Recorded, Said, SignedInPage,
};
pub(crate) use words::kind_word;

/// A case of a docket, open or decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundCase<'a> {
    pub(crate) case: &'a OpenCase,
    pub(crate) version: u32,
    pub(crate) decision: Option<&'a Decision>,
}

/// The case of this name in a docket.
pub(crate) fn found_case<'a>(docket: &'a Docket, id: &CaseId) -> Option<FoundCase<'a>> {
    let open = docket.open().map(|case| FoundCase { case, version: case.version(), decision: None });
    let mut decided = docket.decided().iter().map(|decided| FoundCase {
        case: decided.case(),
        version: decided.version(),
        decision: Some(decided.decision()),
    });
    open.filter(|found| found.case.id() == id).or_else(|| decided.find(|found| found.case.id() == id))
}

/// The events behind all flags of a case, each once, oldest first.
pub(crate) fn timeline(case: &OpenCase) -> Vec<&Evidence> {
    let events = case.flags().iter().flat_map(|flag| &flag.timeline);
    let distinct: BTreeMap<_, _> = events.map(|e| ((e.ts, e.event.as_str(), e.kind), e)).collect();
    distinct.into_values().collect()
}

/// Accounts contacted for the first time within 7 days, as the latest flag knows it.
pub(crate) fn first_contacts(features: &BTreeMap<String, Option<f64>>) -> Option<f64> {
    features.get("fc_rate_all_7d").copied().flatten()
}

/// How many of those are expected to be minors, as the latest flag knows it.
pub(crate) fn minors_expected(features: &BTreeMap<String, Option<f64>>) -> Option<f64> {
    features.get("fc_minor_expected_7d").copied().flatten()
}

#[cfg(test)]
mod tests;
