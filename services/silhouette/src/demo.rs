//! Everything at once, in one process and one folder: simulate, train, stream, detect, review.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use detector::{Live, Settings, Signals, Streams, load_model, wall_clock};
use evaluation::Evaluation;
use platform::metrics::{DetectorMetrics, register_process};
use platform::{EmbeddedLog, Transport, config, logs};
use prometheus::Registry;
use reviewer::Service;
use simulate::{Params, Scenario};
use trainer::{EvaluateJob, TrainJob};

use crate::args::DemoArgs;
use crate::policy;
use crate::serve::{spawn, until_stopped_or_ended, wait_until_caught_up};
use crate::simulate::write_plain;
use crate::terminal::{count, data, say};

/// Partitions of the demo's topics.
const PARTITIONS: i32 = 4;

/// How long a partition may be silent before it counts as read to its end.
const IDLE_AFTER: Duration = Duration::from_secs(2);

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<()> {
    logs::start(&config::Log { json: false, level: "warn".to_owned() });
    let started = Instant::now();
    let folder =
        tempfile::Builder::new().prefix("silhouette-demo-").tempdir().context("could not make a folder")?;
    let demo = Demo { folder: folder.path().to_owned(), params: params(args), started };
    say("Silhouette: simulated people, everything embedded, nothing leaves this machine.");
    let model = demo.train()?;
    let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
    runtime.block_on(demo.serve(args.port, &model))
}

fn params(args: &DemoArgs) -> Params {
    let mut scenario = Scenario::default();
    // More abuse than is usual, more of it found, so that a small world has something to show.
    scenario.abuse.share = 0.02;
    scenario.review.per_day = 40.0;
    scenario.review.audited_per_day = 20.0;
    scenario.review.suspended = 0.1;
    Params { accounts: args.accounts, days: args.days, seed: args.seed, scenario, ..Params::default() }
}

/// Somebody else on this machine, for what takes two.
fn second_person(token: &str) -> reviewer::Analyst {
    reviewer::Analyst {
        name: "demo lead".to_owned(),
        token_hash: Some(reviewer::TokenHash::of(token)),
        roles: vec!["lead".to_owned(), "auditor".to_owned()],
    }
}

struct Demo {
    folder: PathBuf,
    params: Params,
    started: Instant,
}

impl Demo {
    fn step(&self, text: &str) {
        say(&format!("[{:4.1} s] {text}", self.started.elapsed().as_secs_f64()));
    }

    /// Trains on a world of its own, so that no account of the demo has been seen before.
    fn train(&self) -> anyhow::Result<PathBuf> {
        let (world, model) = (self.folder.join("training-world"), self.folder.join("model"));
        let params = Params { seed: self.params.seed.wrapping_add(1), ..self.params.clone() };
        let n = write_plain(params, &world, |_| Ok(()))?;
        self.step(&format!("1/4 a training world: {n} events"));
        let job = TrainJob {
            events: &world.join("events.jsonl"),
            labels: &world.join("labels.jsonl"),
            out: &model,
            as_of: None,
            settings: detect::Settings::default(),
            family: training::Family::Trees(training::TreeParams::default()),
            embargo_ms: 0,
            one_in: None,
            check_leaks: false,
            leave_out: None,
        };
        let progress = count("replaying for training");
        let report = trainer::train(&job, wall_clock(), |n| progress.set_position(n))?;
        progress.finish_and_clear();
        self.step(&format!("2/4 a model: {} from {} rows", report.model, report.rows));
        Ok(model)
    }

    async fn serve(&self, port: u16, model: &Path) -> anyhow::Result<()> {
        let registry = Registry::new();
        register_process(&registry)?;
        let transport = Transport::Embedded(EmbeddedLog::new(self.folder.join("log"), PARTITIONS));
        let signals = Signals::default();
        let detector = self.start_detector(&transport, model, &registry, &signals)?;
        let second = uuid::Uuid::new_v4().simple().to_string();
        let review = reviewer::Settings {
            bind: SocketAddr::from(([127, 0, 0, 1], port)),
            database: self.folder.join("review.sqlite").display().to_string(),
            audit_key: self.folder.join("audit.key"),
            analysts: vec![second_person(&second)],
            roles: reviewer::roles::parse(reviewer::roles::SHIPPED)?,
            ladder: policy::read(None)?,
            limits: reviewer::Limits::default(),
            resolver: None,
            oidc: None,
            open_to_this_machine: true,
            behind_https: false,
            shares: review::Shares::default(),
            quality: review::Quality::default(),
            care: review::Care::default(),
            clock: reviewer::Clock::default(),
        };
        let service = Service::bind(review, registry).await?;
        let address = service.address();
        let flags = transport.source("flags", "silhouette-reviewer")?;
        let streams = reviewer::Streams { flags, decisions: transport.sink("decisions")? };
        let (stop_review, review_stopped) = tokio::sync::oneshot::channel::<()>();
        let review = tokio::spawn(service.serve(streams, async move { drop(review_stopped.await) }));

        tokio::task::block_in_place(|| self.stream(&transport, &signals))?;
        let (evaluation, model_id) = tokio::task::block_in_place(|| self.evaluate(model))?;
        self.step("4/4 every event is scored, and the console is open");
        self.invite(address, &evaluation, &model_id, &second);

        let ended = until_stopped_or_ended(&signals, detector).await;
        drop(stop_review);
        review.await.context("review panicked")??;
        ended
    }

    fn start_detector(
        &self,
        transport: &Transport,
        model: &Path,
        registry: &Registry,
        signals: &Signals,
    ) -> anyhow::Result<std::thread::JoinHandle<anyhow::Result<()>>> {
        let settings = Settings {
            engine: detect::Settings::default(),
            min_p: None,
            flags_an_hour: u32::MAX,
            idle_after: IDLE_AFTER,
            batch_events: 10_000,
            waiting_max: 500_000,
            snapshot_every: Duration::from_secs(10),
            state: self.folder.join("state"),
        };
        let streams = Streams {
            transport: transport.clone(),
            events: "events".to_owned(),
            encoding: events::Encoding::Json,
            flags: "flags".to_owned(),
            dead_letters: "events.dead-letters".to_owned(),
            group: "silhouette-detector".to_owned(),
        };
        let (model, metrics, signals) = (
            load_model(model, &detect::Profile::default())?,
            DetectorMetrics::register(registry)?,
            signals.clone(),
        );
        spawn(move || Live::open(settings, &streams, model, metrics, signals)?.run())
    }

    /// Streams the demo's world through the log while the detector reads it, and waits until it has caught up.
    fn stream(&self, transport: &Transport, signals: &Signals) -> anyhow::Result<()> {
        let mut sink = transport.sink("events")?;
        let n = write_plain(self.params.clone(), &self.folder.join("world"), |piece| {
            piece.lines().try_for_each(|(key, line)| sink.send(key, line))?;
            if piece.ends_day() {
                sink.flush()?;
            }
            Ok(())
        })?;
        self.step(&format!("3/4 a world streamed through the log: {n} events"));
        let progress = count("detecting");
        // A detector that has ended says why when it is waited for.
        wait_until_caught_up(signals, Duration::from_secs(600), || false)?;
        progress.finish_and_clear();
        Ok(())
    }

    fn evaluate(&self, model: &Path) -> anyhow::Result<(Evaluation, String)> {
        let (events, truth) = (self.folder.join("world/events.jsonl"), self.folder.join("world/truth.jsonl"));
        let model = load_model(model, &detect::Profile::default())?;
        let id = model.id().to_owned();
        let settings = detect::Settings::default();
        let job = EvaluateJob {
            events: &events,
            truth: &truth,
            model,
            beside: None,
            capacity: Some(20),
            from: None,
            settings,
        };
        Ok((trainer::evaluate(&job, wall_clock(), |_| {})?, id))
    }

    fn invite(&self, address: SocketAddr, evaluation: &Evaluation, model: &str, second: &str) {
        let flagged = |groups: &std::collections::BTreeMap<String, evaluation::Group>| {
            groups.values().fold((0, 0), |(flagged, all), g| (flagged + g.flagged, all + g.accounts))
        };
        let (found, abusive) = flagged(&evaluation.archetypes);
        let (look_alikes, innocent) = flagged(&evaluation.roles);
        let ordinary = &evaluation.ordinary;
        let folder = self.folder.display();
        data(&format!(
            "
  Console   http://{address}/

  In this simulated world model {model} flagged {found} of {abusive} abusive accounts, {look_alikes} of {innocent}
  innocent look-alikes and {} of {} other accounts. A flag is a signal, not proof.

  Six things to try
    1. Open the console, read why the first account is flagged, and decide the case.
    2. curl http://{address}/v1/cases?limit=3        the queue as an analyst's tools see it
    3. curl http://{address}/v1/labels               your decision, as a label for training
    4. curl http://{address}/metrics                 what operations watch
    5. Propose a suspension in the console. It waits for a second person, whose token is {second}
       (curl -H 'authorization: Bearer {second}' http://{address}/v1/proposals)
    6. silhouette evaluate --capacity 20 --model {folder}/model \\
         --events {folder}/world/events.jsonl --truth {folder}/world/truth.jsonl

  Stop with Ctrl-C; the folder goes with it.
",
            ordinary.flagged, ordinary.accounts,
        ));
    }
}
