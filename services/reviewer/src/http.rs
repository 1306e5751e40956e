//! The routes: an API for programs, a console for people, and what operations needs.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{self, Body};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use events::Millis;
use prometheus::Registry;
use review::{Care, Ladder, Quality, Roles, Shares};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::problem::{Kind, Problem};
use crate::audit::Recorder;
use crate::metrics::Metrics;
use crate::oidc::Provider;
use crate::settings::{Analyst, Limits, Resolver, Settings};
use crate::store::{QueueState, Store};

mod accept;
mod access;
mod appeals;
mod audit;
mod auth;
mod bodies;
mod cases;
mod command;
mod console;
mod cursor;
mod deprecation;
mod emergencies;
mod follow;
mod guard;
mod headers;
mod labels;
mod lists;
mod login;
mod openapi;
mod operations;
mod problem;
mod proposals;
mod quality;
mod reading;
mod request;
mod reveal;
mod rules;
mod saved;
mod teamwork;
mod work;

/// The largest request body, in bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// What every handler may use; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    metrics: Metrics,
    registry: Registry,
    analysts: Vec<Analyst>,
    roles: Roles,
    ladder: Ladder,
    limits: Limits,
    shares: Shares,
    resolver: Option<Resolver>,
    recorder: Recorder,
    provider: Option<Provider>,
    pace: guard::Pace,
    listed: reading::Listed,
    care: Care,
    quality: Quality,
    /// What waits in the queues, for those who follow it.
    board: watch::Receiver<Vec<QueueState>>,
    open_to_this_machine: bool,
    behind_https: bool,
    intake: watch::Receiver<()>,
    openapi: String,
}

impl App {
    /// `intake` is closed once the intake of flags has ended; `board` shows what waits in the queues.
    pub(crate) fn new(
        settings: &Settings,
        store: Store,
        (metrics, registry): (Metrics, Registry),
        intake: watch::Receiver<()>,
        board: watch::Receiver<Vec<QueueState>>,
    ) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Shared {
            recorder: Recorder::start(store.clone(), metrics.clone()),
            metrics,
            registry,
            store,
            analysts: settings.analysts.clone(),
            shares: settings.shares,
            roles: settings.roles.clone(),
            ladder: settings.ladder.clone(),
            limits: settings.limits,
            resolver: settings.resolver.clone(),
            provider: settings.oidc.clone().map(Provider::new).transpose()?,
            pace: guard::Pace::new(settings.limits.requests_a_second),
            listed: reading::Listed::default(),
            care: settings.care,
            quality: settings.quality,
            board,
            open_to_this_machine: settings.open_to_this_machine,
            behind_https: settings.behind_https,
            intake,
            openapi: openapi::served(&rules::documented(routes().into_openapi()))?,
        })))
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    /// Processing time.
    fn now(&self) -> Millis {
        self.0.store.now()
    }
}

/// The whole service. Every error that leaves it is a problem document, or a page where a person is reading.
pub(crate) fn router(app: App) -> Router {
    let protected = auth_routes().route_layer(middleware::from_fn_with_state(app.clone(), guard::guard));
    let (router, _) = open_routes().merge(protected).split_for_parts();
    router
        .fallback(problem::no_such_route)
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(middleware::from_fn(read_body))
        .layer(middleware::from_fn_with_state(app.clone(), problem::normalise))
        .layer(middleware::from_fn_with_state(app.clone(), measure))
        .layer(middleware::from_fn(headers::secure))
        .layer(middleware::from_fn(deprecation::announce))
        .with_state(app)
}

/// Every route, from which the OpenAPI document follows.
fn routes() -> OpenApiRouter<App> {
    openapi::skeleton().merge(open_routes()).merge(auth_routes())
}

/// Routes for everybody.
fn open_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(operations::livez))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::openapi))
        .routes(routes!(operations::openapi_of_old))
        .routes(routes!(login::page, login::sign_in))
        .routes(routes!(login::to_provider))
        .routes(routes!(login::from_provider))
        .routes(routes!(console::stylesheet))
        .routes(routes!(console::icon))
}

/// Routes for those who may review.
fn auth_routes() -> OpenApiRouter<App> {
    let json = OpenApiRouter::new()
        .routes(routes!(access::me))
        .routes(routes!(access::people))
        .routes(routes!(access::revoke))
        .routes(routes!(access::sign_out))
        .routes(routes!(work::queues))
        .routes(routes!(work::next_of))
        .routes(routes!(work::next))
        .routes(routes!(saved::list, saved::save))
        .routes(routes!(saved::forget))
        .routes(routes!(cases::list))
        .routes(routes!(cases::read))
        .routes(routes!(cases::statement))
        .routes(routes!(cases::search))
        .routes(routes!(cases::decide, cases::undo))
        .routes(routes!(work::claim, work::release))
        .routes(routes!(work::hand_over))
        .routes(routes!(work::skip))
        .routes(routes!(work::snooze))
        .routes(routes!(teamwork::note))
        .routes(routes!(teamwork::merge))
        .routes(routes!(teamwork::split))
        .routes(routes!(emergencies::read))
        .routes(routes!(emergencies::list))
        .routes(routes!(emergencies::review))
        .routes(routes!(quality::all))
        .routes(routes!(quality::mine))
        .routes(routes!(quality::disagreements))
        .routes(routes!(quality::mark))
        .routes(routes!(quality::unmark))
        .routes(routes!(appeals::open))
        .routes(routes!(appeals::list))
        .routes(routes!(appeals::settle))
        .routes(routes!(proposals::list, proposals::propose))
        .routes(routes!(proposals::read, proposals::withdraw))
        .routes(routes!(proposals::approve))
        .routes(routes!(reveal::identity))
        .routes(routes!(access::holds, access::hold))
        .routes(routes!(audit::entries))
        .routes(routes!(audit::checkpoint))
        .routes(routes!(audit::inclusion))
        .routes(routes!(audit::consistency))
        .route_layer(middleware::from_fn_with_state(accept::JSON, accept::only));
    let lines = OpenApiRouter::new()
        .routes(routes!(labels::list))
        .route_layer(middleware::from_fn_with_state(accept::JSON_LINES, accept::only));
    let events = OpenApiRouter::new()
        .routes(routes!(follow::follow))
        .route_layer(middleware::from_fn_with_state(accept::EVENTS, accept::only));
    let console = OpenApiRouter::new()
        .routes(routes!(console::queue::page))
        .routes(routes!(console::queue::next))
        .routes(routes!(console::case::page))
        .routes(routes!(console::case::decide))
        .routes(routes!(console::case::skip))
        .routes(routes!(console::work::note))
        .routes(routes!(console::work::snooze))
        .routes(routes!(console::work::release))
        .routes(routes!(console::work::hand_over))
        .routes(routes!(console::work::undo))
        .routes(routes!(console::work::approve))
        .routes(routes!(console::work::withdraw))
        .routes(routes!(login::sign_out));
    json.merge(lines).merge(events).merge(console)
}

/// Reads the whole body before anything is answered: a connection on which an answer overtakes the rest of its
/// request could not be used again.
async fn read_body(request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Problem::new(Kind::BodyTooLarge))?;
    Ok(next.run(Request::from_parts(parts, Body::from(body))).await)
}

/// Counts the request and times it, under the route's template, which holds no id.
async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let started_at = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    app.0.metrics.answered(route, response.status().as_u16(), started_at.elapsed());
    response
}
