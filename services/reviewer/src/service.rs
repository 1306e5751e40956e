//! The service as a whole: it binds, serves, takes in flags, and stops.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use platform::stream::Source;
use prometheus::Registry;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::http::{self, App};
use crate::intake::Intake;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::store::{Status, Store};

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

impl Service {
    /// Checks the settings, opens the database and takes the address. Metrics go into `registry`, all of
    /// which is what `/metrics` shows.
    ///
    /// # Errors
    /// Where the settings contradict themselves, or the database or the address cannot be had.
    pub async fn bind(settings: Settings, registry: Registry) -> anyhow::Result<Self> {
        settings.check()?;
        let metrics = Metrics::register(&registry).context("could not register the metrics")?;
        let store = Store::open(&settings.database).await?;
        metrics.cases_open(store.count(Status::Open).await?);
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

    /// Serves, and makes cases of the flags in `source`, until `shutdown` completes.
    ///
    /// # Errors
    /// Where the stream or the database fails again and again, or the listener does.
    pub async fn serve(
        self,
        source: Box<dyn Source>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let (intake, alive) = self.start_intake(source, stopped.clone());
        let app = App::new(&self.settings, self.store.clone(), self.metrics.clone(), self.registry, alive)?;

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
    source: Box<dyn Source>,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    Service::bind(settings, registry).await?.serve(source, shutdown).await
}
