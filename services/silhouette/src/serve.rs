//! The commands that run until they are stopped.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use detector::{Live, Models, Settings, Signals, Streams, load_model, load_profile};
use platform::config::{self, Config};
use platform::metrics::{DetectorMetrics, register_process};
use platform::{ModelStore, Transport, logs, ops};
use prometheus::Registry;
use reviewer::{Analyst, TokenHash};
use tokio::net::TcpListener;

use crate::policy;
use crate::terminal::{data, say};

/// Reads the configuration from defaults, file and environment.
pub(crate) fn configuration(file: Option<&Path>) -> anyhow::Result<Config> {
    let environment =
        std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    Ok(config::load(file, environment)?)
}

/// Runs the detector until SIGINT or SIGTERM.
pub(crate) fn detect(config: &Config) -> anyhow::Result<()> {
    logs::start(&config.log);
    let registry = Registry::new();
    register_process(&registry)?;
    let profile = load_profile(&config.detect.profile)?;
    let models = models(config, &profile)?;
    let streams = streams(config);
    make_topics(config)?;
    let signals = Signals::default();
    let metrics = DetectorMetrics::register(&registry)?;
    let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(config.detect.listen)
            .await
            .with_context(|| format!("could not listen on {}", config.detect.listen))?;
        tracing::info!(address = %listener.local_addr()?, "detector is starting");
        let (settings, given) = (settings(config, profile), signals.clone());
        let detector = spawn(move || Live::open(settings, &streams, models, metrics, given)?.run())?;
        let ready = signals.ready.clone();
        let readiness: ops::Readiness = Arc::new(move || {
            if ready.load(Ordering::Acquire) {
                Ok(())
            } else {
                Err("the detector is not taking in events".to_owned())
            }
        });
        let (stop_ops, ops_stopped) = tokio::sync::oneshot::channel::<()>();
        let ops =
            tokio::spawn(ops::serve(listener, registry, readiness, async move { drop(ops_stopped.await) }));
        let ended = until_stopped_or_ended(&signals, detector).await;
        drop(stop_ops);
        ops.await.context("the metrics server panicked")?.context("could not serve metrics")?;
        ended
    })
}

/// The models that are to serve.
fn models(config: &Config, profile: &detect::Profile) -> anyhow::Result<Models> {
    if config.detect.follow_registry {
        let config::Registry { directory, verifier } = &config.registry;
        return Ok(ModelStore::open(directory, verifier)?.into());
    }
    Ok(load_model(&config.detect.model, profile)?.into())
}

/// Waits for a signal, tells the detector to stop, and for the detector to end.
pub(crate) async fn until_stopped_or_ended(
    signals: &Signals,
    detector: JoinHandle<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let mut ended = tokio::task::spawn_blocking(move || detector.join());
    let joined = tokio::select! {
        joined = &mut ended => joined,
        () = stop_requested() => {
            signals.stop.store(true, Ordering::Release);
            ended.await
        }
    };
    joined?.map_err(|_| anyhow!("the detector panicked"))?
}

/// Runs the detector on a thread of its own: it blocks, and it owns its state.
pub(crate) fn spawn(
    run: impl FnOnce() -> anyhow::Result<()> + Send + 'static,
) -> anyhow::Result<JoinHandle<anyhow::Result<()>>> {
    std::thread::Builder::new().name("detector".to_owned()).spawn(run).context("could not start a thread")
}

/// Waits until a detector has read and scored every event that there is, or has ended.
pub(crate) fn wait_until_caught_up(
    signals: &Signals,
    patience: Duration,
    has_ended: impl Fn() -> bool,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + patience;
    while !signals.caught_up.load(Ordering::Acquire) && !has_ended() {
        ensure!(Instant::now() < deadline, "the detector did not catch up within {patience:?}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    Ok(())
}

/// Serves review until SIGINT or SIGTERM.
pub(crate) fn review(config: &Config) -> anyhow::Result<()> {
    logs::start(&config.log);
    make_topics(config)?;
    let settings = review_settings(config)?;
    let flags = config.transport.source(&config.topics.flags, &config.review.group)?;
    let streams = reviewer::Streams { flags, decisions: config.transport.sink(&config.topics.decisions)? };
    let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
    let registry = Registry::new();
    register_process(&registry)?;
    runtime.block_on(reviewer::run(settings, streams, registry, stop_requested()))
}

fn review_settings(config: &Config) -> anyhow::Result<reviewer::Settings> {
    let review = &config.review;
    let roles = match &review.roles {
        Some(file) => {
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| format!("could not read the roles in {}", file.display()))?;
            reviewer::roles::parse(&text).with_context(|| format!("{} is not sound", file.display()))?
        }
        None => reviewer::roles::parse(reviewer::roles::SHIPPED)?,
    };
    let resolver = match &review.resolver {
        Some(url) => {
            let secret = std::fs::read(&review.resolver_secret);
            let file = review.resolver_secret.display();
            let secret = secret.with_context(|| format!("could not read the resolver's secret in {file}"))?;
            Some(reviewer::Resolver { url: url.clone(), secret: secret.trim_ascii().to_vec() })
        }
        None => None,
    };
    let oidc = match &review.oidc {
        Some(oidc) => {
            let file = oidc.client_secret.display();
            let secret = std::fs::read_to_string(&oidc.client_secret);
            let secret = secret.with_context(|| format!("could not read the provider's secret in {file}"))?;
            Some(reviewer::Oidc {
                issuer: oidc.issuer.clone(),
                client_id: oidc.client_id.clone(),
                client_secret: secret.trim().to_owned(),
                redirect: oidc.redirect.clone(),
                by_subject: oidc.name == "sub",
            })
        }
        None => None,
    };
    Ok(reviewer::Settings {
        oidc,
        bind: review.listen,
        database: review.database.clone(),
        audit_key: review.audit_key.clone(),
        analysts: analysts(config)?,
        roles,
        ladder: policy::read(review.policy.as_deref())?,
        limits: reviewer::Limits {
            requests_a_second: review.requests_a_second,
            cases_an_hour: review.cases_an_hour,
            decisions_a_minute: review.decisions_a_minute,
        },
        resolver,
        open_to_this_machine: false,
        behind_https: review.behind_https,
        shares: ::review::Shares {
            child_safety: review.shares.child_safety,
            general: review.shares.general,
            bulk: review.shares.bulk,
        },
        quality: ::review::Quality {
            double_review: review.quality.double_review,
            golden: review.quality.golden,
        },
        care: ::review::Care {
            exposures_a_day: review.exposures_a_day,
            work_ms: millis(review.work),
            break_ms: millis(review.pause),
        },
        clock: reviewer::Clock::default(),
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn analysts(config: &Config) -> anyhow::Result<Vec<Analyst>> {
    let analyst = |token: &config::TokenHash| {
        let (name, roles) = (token.name.clone(), token.roles.clone());
        let token_hash = token.blake3.as_deref().map(TokenHash::from_hex).transpose();
        token_hash.map(|token_hash| Analyst { name, token_hash, roles })
    };
    Ok(config.review.tokens.iter().map(analyst).collect::<Result<_, _>>()?)
}

/// Makes a random token: it goes to its holder, its hash into the configuration.
pub(crate) fn make_token(name: &str, roles: &[String]) -> anyhow::Result<()> {
    let known = reviewer::roles::parse(reviewer::roles::SHIPPED)?;
    if let Some(unknown) = roles.iter().find(|role| !known.0.contains_key(*role)) {
        say(&format!(
            "There is no role {unknown:?} among those that are shipped; your own file must have it."
        ));
    }

    let random = || uuid::Uuid::new_v4().simple().to_string();
    let token = random() + &random();
    say(&format!("Give {name} this token; it is shown once and kept nowhere:"));
    data(&token);
    let hash = TokenHash::of(&token).to_hex();
    say(&format!(
        "Add this to `tokens` in `[review]`:\n{{ name = {name:?}, blake3 = \"{hash}\", roles = {roles:?} }}"
    ));
    Ok(())
}

/// Until somebody asks this process to stop.
pub(crate) async fn stop_requested() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::error!(%error, "cannot listen for SIGTERM");
            return;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// The topics that we write are ours to make; the events' topic is the platform's.
fn make_topics(config: &Config) -> anyhow::Result<()> {
    if let Transport::Kafka(kafka) = &config.transport {
        for topic in [&config.topics.flags, &config.topics.dead_letters, &config.topics.decisions] {
            kafka.ensure_topic(topic, config.detect.output_partitions, -1)?;
        }
    }
    Ok(())
}

fn streams(config: &Config) -> Streams {
    Streams {
        transport: config.transport.clone(),
        events: config.topics.events.clone(),
        encoding: config.topics.encoding,
        flags: config.topics.flags.clone(),
        dead_letters: config.topics.dead_letters.clone(),
        group: config.detect.group.clone(),
    }
}

pub(crate) fn settings(config: &Config, profile: detect::Profile) -> Settings {
    let detect = &config.detect;
    Settings {
        engine: detect::Settings {
            tick_ms: detect.tick_ms,
            lateness_ms: detect.lateness_ms,
            late_merge_ms: detect.late_merge_ms,
            ids_max: detect.redelivery_ids_max,
            profile,
            shards: 1,
        },
        min_p: detect.min_p,
        flags_an_hour: detect.flags_an_hour,
        idle_after: detect.idle_after,
        batch_events: detect.batch_events,
        waiting_max: detect.waiting_max,
        snapshot_every: detect.snapshot_every,
        state: detect.state.clone(),
    }
}
