//! The queues as they change, as server-sent events.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use review::{Permission, Queue};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::lists::at_most;
use super::openapi::ListProblems;
use super::problem::Problem;
use super::work::QueueBody;
use crate::store::QueueState;

/// How long somebody may follow before asking anew, in seconds; also what is meant where nothing is said.
const SECONDS_MAX: u32 = 600;

/// Events that wait for a slow reader, at most.
const WAITING_MAX: usize = 8;

/// How often a line without meaning shows that the connection lives.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// For how long to follow.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FollowParams {
    /// Seconds after which the stream ends, and is to be asked for anew; brought into 0 to 600. 600 where it is left
    /// out.
    #[param(required = false, schema_with = super::bodies::choices::whole_schema)]
    seconds: Option<String>,
}

/// One event of the stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "events are written by the stream; this is what the document says of them")]
pub(super) struct QueueEvent {
    /// What kind of event it is: always `queue`.
    #[schema(example = "queue")]
    event: String,
    /// One queue as JSON, as `listQueues` shows it.
    #[schema(example = "{\"queue\":\"bulk\",\"open\":12}")]
    data: String,
}

/// What waits in each queue, now and whenever it changes
///
/// Server-sent events named `queue`, each with one queue as `listQueues` shows it; first every queue that may be read. What
/// may be read is looked up anew before each event.
#[utoipa::path(get, path = "/v1/queues/events", operation_id = "followQueues", tag = "queues", params(FollowParams),
    responses(
        (status = 200, description = "The events.", body = QueueEvent, content_type = "text/event-stream"),
        ListProblems,
    ))]
pub(super) async fn follow(
    State(app): State<App>,
    headers: HeaderMap,
    Query(params): Query<FollowParams>,
) -> Result<Response, Problem> {
    let seconds = at_most(params.seconds.as_deref(), "seconds", SECONDS_MAX)?;
    let mut states = Vec::new();
    let mut unit = app.store().read().await?;
    for queue in Queue::ALL {
        states.push(unit.queue_state(*queue, app.now()).await?);
    }
    drop(unit);
    let (events, received) = mpsc::channel(WAITING_MAX);
    let end = Instant::now() + Duration::from_secs(u64::from(seconds));
    tokio::spawn(async move { send(&app, &headers, states, (events, end)).await });
    let events = Sse::new(ReceiverStream::new(received));
    let events = events.keep_alive(KeepAlive::new().interval(ALIVE_EVERY));
    // The library would have caches keep it and ask; nobody is to keep it.
    Ok(([(header::CACHE_CONTROL, "no-store")], events).into_response())
}

/// Sends what changed until the time is over, the reader is gone, or they may no longer know.
async fn send(
    app: &App,
    headers: &HeaderMap,
    mut states: Vec<QueueState>,
    (events, end): (mpsc::Sender<Result<Event, Infallible>>, Instant),
) {
    let mut board = app.0.board.clone();
    let mut sent: BTreeMap<Queue, QueueState> = BTreeMap::new();
    loop {
        let Ok(asking) = app.asking(headers).await else { return };
        let readable = asking.rights.queues(Permission::CasesRead);
        if readable.is_empty() {
            return;
        }
        for state in states.into_iter().filter(|state| readable.contains(&state.queue)) {
            if sent.get(&state.queue) == Some(&state) {
                continue;
            }
            let event = Event::default().event("queue").json_data(QueueBody::of(state.clone()));
            let Ok(event) = event else { return };
            if events.send(Ok(event)).await.is_err() {
                return;
            }
            sent.insert(state.queue, state);
        }
        tokio::select! {
            changed = timeout_at(end, board.changed()) => match changed {
                Ok(Ok(())) => states = board.borrow_and_update().clone(),
                // The time is over, or the service stops.
                _ => return,
            },
            () = events.closed() => return,
        }
    }
}
