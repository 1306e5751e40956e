//! The service as a whole: it binds, serves, takes in flags, and stops.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use platform::stream::{Sink, Source};
use prometheus::Registry;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::audit::{Entry, Notary};
use crate::board;
use crate::http::{self, App};
use crate::intake::Intake;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::settings::{Analyst, Settings};
use crate::store::Store;
use crate::sweeper;

/// How long open requests may go on once the service was asked to stop.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// The review service, bound to its address but not yet serving.
#[derive(Debug)]
pub struct Service {
    listener: TcpListener,
    address: SocketAddr,
    settings: Settings,
    store: Store,
    metrics: Metrics,
    registry: Registry,
}

/// What the service reads and writes.
pub struct Streams {
    /// Flags in.
    pub flags: Box<dyn Source>,
    /// Decisions out.
    pub decisions: Box<dyn Sink>,
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Streams")
    }
}

/// Where roles come from that nobody granted here.
const CONFIGURATION: &str = "configuration";

/// Gives everybody the roles that the configuration names, unless they were revoked here, and takes those away that
/// it no longer names.
async fn grant_configured_roles(store: &Store, analysts: &[Analyst]) -> anyhow::Result<()> {
    let mut unit = store.write().await?;
    let known = unit.grants().await?;
    let now = store.now();
    let entry = |act: &str, person: &str, role: &str| {
        Entry::done("service", "-", act, now).about(person).with("role", role)
    };
    for Analyst { name, roles, .. } in analysts {
        for role in roles {
            if !known.iter().any(|held| held.person == *name && held.role == *role) {
                unit.grant(name, role, CONFIGURATION, now).await?;
                unit.append(entry("grantRole", name, role));
            }
        }
    }
    for held in known.iter().filter(|held| held.source == CONFIGURATION && held.revoked_at.is_none()) {
        let named = analysts.iter().find(|analyst| analyst.name == held.person);
        if !named.is_some_and(|analyst| analyst.roles.contains(&held.role)) {
            unit.revoke(&held.person, &held.role, CONFIGURATION, now).await?;
            unit.append(entry("revokeRole", &held.person, &held.role));
        }
    }
    Ok(unit.commit().await?)
}

impl Service {
    /// Checks the settings, opens the database and takes the address. Metrics go into `registry`, all of
    /// which is what `/metrics` shows.
    ///
    /// # Errors
    /// Where the settings contradict themselves, or the database or the address cannot be had.
    pub async fn bind(settings: Settings, registry: Registry) -> anyhow::Result<Self> {
        settings.check()?;
        let metrics = Metrics::register(&registry).context("could not register the metrics")?;
        let notary = Notary::open(&settings.audit_key)?;
        let store = Store::open(&settings.database, notary, metrics.clone(), settings.clock.clone()).await?;
        grant_configured_roles(&store, &settings.analysts).await?;
        let listener = TcpListener::bind(settings.bind)
            .await
            .with_context(|| format!("could not listen on {}", settings.bind))?;
        let address = listener.local_addr().context("could not learn the address")?;
        Ok(Self { listener, address, settings, store, metrics, registry })
    }

    /// The address it listens on, with the port that it was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves, makes cases of the flags in `streams` and tells it of decisions, until `shutdown` completes.
    ///
    /// # Errors
    /// Where the stream or the database fails again and again, or the listener does.
    pub async fn serve(
        self,
        streams: Streams,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let Streams { flags, decisions } = streams;
        let (intake, alive) = self.start_intake(flags, stopped.clone());
        let (store, runtime) = (self.store.clone(), Handle::current());
        let relay = Relay { sink: decisions, store, stop: stopped.clone(), runtime };
        let relay = tokio::task::spawn_blocking(move || relay.run());
        let sweeper = tokio::spawn(sweeper::run(self.store.clone(), stopped.clone()));
        let (board, shown) = watch::channel(Vec::new());
        let board = tokio::spawn(board::run(self.store.clone(), board, stopped.clone()));
        let measured = (self.metrics.clone(), self.registry);
        let app = App::new(&self.settings, self.store.clone(), measured, alive, shown)?;

        let mut stopping = stopped.clone();
        let drain = async move { drop(stopping.wait_for(|stop| *stop).await) };
        let server = axum::serve(self.listener, http::router(app)).with_graceful_shutdown(drain);
        let mut server = pin!(server.into_future());
        let mut intake = pin!(intake);
        tracing::info!(address = %self.address, "review is serving");

        let mut taken_in = None;
        let mut served = None;
        tokio::select! {
            () = shutdown => {}
            result = &mut intake => taken_in = Some(result),
            result = &mut server => served = Some(result),
        }
        stop.send_replace(true);
        if served.is_none() {
            served = tokio::time::timeout(DRAIN_MAX, &mut server).await.ok();
        }
        let taken_in = match taken_in {
            Some(result) => result,
            None => intake.await,
        };
        relay.await.context("the relay of decisions panicked")?;
        sweeper.await.context("the sweeper panicked")?;
        board.await.context("the reading of the queues panicked")?;
        self.store.close().await;
        tracing::info!("review has stopped");
        taken_in.context("the intake of flags panicked")??;
        served.unwrap_or(Ok(())).context("could not serve")
    }

    /// Starts the intake on a thread of its own. The receiver is closed once the intake has ended.
    fn start_intake(
        &self,
        source: Box<dyn Source>,
        stopped: watch::Receiver<bool>,
    ) -> (JoinHandle<anyhow::Result<()>>, watch::Receiver<()>) {
        let (alive, is_alive) = watch::channel(());
        let (store, metrics, runtime) = (self.store.clone(), self.metrics.clone(), Handle::current());
        let intake = Intake { source, store, metrics, stop: stopped, runtime };
        let intake = tokio::task::spawn_blocking(move || {
            let result = intake.run();
            drop(alive);
            result
        });
        (intake, is_alive)
    }
}

/// Binds and serves until `shutdown` completes: [`Service::bind`], then [`Service::serve`].
///
/// # Errors
/// As those two.
pub async fn run(
    settings: Settings,
    streams: Streams,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    Service::bind(settings, registry).await?.serve(streams, shutdown).await
}
