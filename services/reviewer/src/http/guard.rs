//! What every request goes through that is not for everybody: who asks, how often, whether they may, and the audit
//! log, which is written before the answer leaves.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use review::CaseId;

use super::App;
use super::auth::check_origin;
use super::problem::{Kind, Problem};
use super::rules::{self, Rule};
use crate::asking::{Asking, Via};
use crate::audit::{Entry, Sighting};
use crate::desk::is_name;

/// An answer whose audit entry was written with what it did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written;

/// What an answer shows, for the audit log.
#[derive(Clone, Debug, Default)]
pub(super) struct Shows {
    /// The case whose evidence it holds, and its version.
    pub(super) evidence: Option<(CaseId, u32)>,
    /// What else to note: cases of a list, a purpose.
    pub(super) detail: Vec<(&'static str, String)>,
}

/// How fast each person may ask.
pub(super) struct Pace(DefaultKeyedRateLimiter<Arc<str>>);

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}

impl Pace {
    pub(super) fn new(requests_a_second: u32) -> Self {
        let rate = NonZeroU32::new(requests_a_second).unwrap_or(NonZeroU32::MIN);
        let burst = rate.saturating_mul(NonZeroU32::MIN.saturating_add(3));
        Self(RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst)))
    }

    /// Lets a request of somebody pass, or tells after how many seconds they may ask again.
    fn check(&self, person: &Arc<str>) -> Result<(), u64> {
        self.0.check_key(person).map_err(|not_until| {
            not_until.wait_time_from(DefaultClock::default().now()).as_secs().saturating_add(1)
        })
    }
}

/// Lets a request on only where it is known who asks, where they may, and where no other site made a browser ask
/// it; and lets the answer out only once it is in the audit log.
pub(super) async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let now = app.now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let template = route.as_ref().map_or("", MatchedPath::as_str);
    let rule = rules::of(request.method(), template);
    let act = rule.map_or("unknown", |rule| rule.act);
    let about = about(template, request.uri().path());
    let asking = app.asking(request.headers()).await;
    let entry = match &asking {
        Ok(asking) => asking.did(act, now),
        Err(_) => Entry::done("-", "-", act, now),
    };
    let entry = about.into_iter().fold(entry, Entry::about);
    let response = match admit(&app, asking, rule, &request) {
        Ok(asking) => {
            request.extensions_mut().insert(asking.clone());
            let mut response = next.run(request).await;
            response.extensions_mut().insert(asking);
            response
        }
        Err(problem) => problem.into_response(),
    };
    record(&app, entry, response).await
}

/// Checks everything that can be checked before the handler.
fn admit(
    app: &App,
    asking: Result<Asking, Problem>,
    rule: Option<&Rule>,
    request: &Request,
) -> Result<Asking, Problem> {
    let asking = asking?;
    if let Err(seconds) = app.0.pace.check(&asking.name) {
        return Err(Problem::new(Kind::TooManyRequests).after(seconds));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && asking.via != Via::Bearer {
        check_origin(request.headers(), asking.via == Via::Session)?;
    }
    // A method that the route does not know is refused by the router, in words of its own.
    let may = rule.is_none_or(|rule| {
        rule.any_of.is_empty() || rule.any_of.iter().any(|permission| asking.rights.may(*permission))
    });
    if may { Ok(asking) } else { Err(Problem::new(Kind::Forbidden)) }
}

/// Writes what was answered into the audit log, unless it was written with what it did.
async fn record(app: &App, entry: Entry, mut response: Response) -> Response {
    if response.extensions_mut().remove::<Written>().is_some() {
        return response;
    }
    let problem = response.extensions().get::<Problem>().map(Problem::name);
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    let mut entry = match problem {
        Some(problem) => {
            app.0.metrics.refused(problem);
            entry.refused(problem)
        }
        None if is_refusal => entry.refused(response.status().as_str()),
        None => entry,
    };
    let shows = response.extensions_mut().remove::<Shows>().unwrap_or_default();
    for (name, value) in shows.detail {
        entry = entry.with(name, value);
    }
    let asking = response.extensions_mut().remove::<Asking>();
    let sighting = shows.evidence.zip(asking).map(|((case, version), asking)| Sighting {
        person: asking.name.to_string(),
        case: case.to_string(),
        version,
        at: entry.at,
    });
    match app.0.recorder.record(entry, sighting).await {
        Ok(()) => response,
        Err(_) => Problem::new(Kind::AuditUnavailable).into_response(),
    }
}

/// What a request is about: the first part of its path that its route leaves open, where it is a name of ours.
/// What somebody typed is not kept.
fn about(template: &str, path: &str) -> Option<String> {
    let open = template.split('/').zip(path.split('/')).find(|(part, _)| part.starts_with('{'));
    let (_, name) = open?;
    let is_ours = CaseId::parse(name).is_some()
        || ['p', 'a', 'h', 'v', 'e'].into_iter().any(|kind| is_name(kind, name));
    is_ours.then(|| name.to_owned())
}
