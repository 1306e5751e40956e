//! `silhouette bench api`: how many requests a second the review API answers, and how soon.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use client::{CaseSummary, Client};
use detect::{Engine, Flagger};
use events::Encoding;
use platform::{EmbeddedLog, Transport};
use prometheus::Registry;
use reviewer::{Analyst, Limits, Service, TokenHash};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::bench::args::ApiArgs;
use crate::bench::{Chunk, Traffic, Workload, drive, model};
use crate::terminal::{bar, data};

/// How long the service may take to open the cases.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Pages of the list that are asked for, and cases a page.
const PAGE: usize = 25;

/// Of twenty requests: lists of open cases, lists of queues; the others read a case.
const TURNS: usize = 20;
const LISTS: usize = 7;
const QUEUES: usize = 2;

/// Events of everyday traffic at a time.
const CHUNK: usize = 8192;

/// What was asked and how it was answered.
#[derive(Debug, Serialize)]
struct Report {
    cases: usize,
    clients: u32,
    database: &'static str,
    requests: usize,
    requests_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    /// Requests that failed: refused, not answered, or answered with 5xx.
    errors: usize,
}

pub(crate) fn run(args: &ApiArgs) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("could not make a directory for the service")?;
    let token = uuid::Uuid::new_v4().simple().to_string();
    let runtime = Runtime::new().context("could not start the runtime")?;
    let transport = Transport::Embedded(EmbeddedLog::new(folder.path().join("log"), 1));
    feed(&transport, args)?;
    let settings = settings(args, folder.path(), &token)?;
    let streams = reviewer::Streams {
        flags: transport.source("flags", "silhouette-reviewer")?,
        decisions: transport.sink("decisions")?,
    };
    let service = runtime.block_on(Service::bind(settings, Registry::new()))?;
    let client = Client::new(&format!("http://{}", service.address()), &token);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = runtime.spawn(service.serve(streams, async move { drop(stopped.await) }));
    let report = opened(&client, args.cases).and_then(|cases| measure(&client, &cases, args));
    drop(stop);
    runtime.block_on(serving).context("review panicked")??;
    let report = report?;
    data(&if args.json { serde_json::to_string(&report)? } else { report.to_string() });
    Ok(())
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cases, clients, database, requests, requests_per_second, p50_ms, p99_ms, max_ms, errors } =
            self;
        writeln!(f, "{cases} open cases on {database}, {clients} clients")?;
        writeln!(f, "requests, requests/s                         {requests}, {requests_per_second:.0}")?;
        writeln!(f, "answered after, ms: p50, p99, at most        {p50_ms:.1}, {p99_ms:.1}, {max_ms:.1}")?;
        write!(f, "failed                                       {errors}")
    }
}

/// The service as it is by default, but that one person may ask for as much as they like.
fn settings(args: &ApiArgs, folder: &Path, token: &str) -> anyhow::Result<reviewer::Settings> {
    let analyst = Analyst {
        name: "bench".to_owned(),
        token_hash: Some(TokenHash::of(token)),
        roles: vec!["lead".to_owned()],
    };
    let sqlite = || folder.join("review.sqlite").display().to_string();
    Ok(reviewer::Settings {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: args.database.clone().unwrap_or_else(sqlite),
        audit_key: folder.join("audit.key"),
        analysts: vec![analyst],
        roles: reviewer::roles::parse(reviewer::roles::SHIPPED)?,
        ladder: crate::policy::read(None)?,
        limits: Limits { requests_a_second: u32::MAX, cases_an_hour: u32::MAX, ..Limits::default() },
        resolver: None,
        oidc: None,
        open_to_this_machine: false,
        behind_https: false,
        shares: review::Shares::default(),
        quality: review::Quality::default(),
        care: review::Care { exposures_a_day: u32::MAX, ..review::Care::default() },
        clock: reviewer::Clock::default(),
    })
}

/// Flags of as many accounts as there are to be cases, as the detector makes them of everyday traffic.
fn feed(transport: &Transport, args: &ApiArgs) -> anyhow::Result<()> {
    let settings = detect::Settings::default();
    let model = model::plausible(&detect::feature_schema(&settings.profile))?;
    let mut flagger = Flagger::new(model, &settings.profile, Some(1e-9));
    let mut engine = Engine::new(settings, &[0]);
    let accounts = u32::try_from(2 * args.cases)?.max(1000);
    let mut workload = Workload::new(Traffic { accounts, seed: 1, jitter_ms: 0 });
    let (mut lines, mut sink) = (Chunk::default(), transport.sink("flags")?);
    let (mut flagged, mut flags) = (std::collections::HashSet::new(), Vec::new());
    let progress = bar("flagging accounts", args.cases as u64);
    while flagged.len() < args.cases {
        workload.steady(CHUNK, &mut lines);
        for event in lines.records().filter_map(|line| drive::decode(Encoding::Json, line)) {
            engine.push(0, event);
        }
        engine.close(|row| flags.extend(flagger.consider(&row).1));
        for flag in flags.drain(..) {
            if flagged.len() < args.cases && flagged.insert(flag.account.clone()) {
                sink.send(flag.account.as_str(), &serde_json::to_vec(&flag)?)?;
            }
        }
        progress.set_position(flagged.len() as u64);
    }
    sink.flush()?;
    progress.finish_and_clear();
    Ok(())
}

/// Waits until every case is open; some of them.
fn opened(client: &Client, cases: usize) -> anyhow::Result<Vec<CaseSummary>> {
    let progress = bar("opening cases", cases as u64);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let open: u64 = client.queues()?.iter().map(|queue| queue.open).sum();
        progress.set_position(open);
        if open >= cases as u64 {
            break;
        }
        ensure!(Instant::now() < deadline, "{open} of {cases} cases were open within {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    progress.finish_and_clear();
    Ok(client.cases("status=open&limit=200").take(cases.min(2000)).collect::<Result<_, _>>()?)
}

fn measure(client: &Client, cases: &[CaseSummary], args: &ApiArgs) -> anyhow::Result<Report> {
    let clients = args.clients.get();
    let (start, length) = (Barrier::new(clients as usize), Duration::from_secs(args.seconds.into()));
    let work = |first: usize| {
        let (mut took_ms, mut errors) = (Vec::new(), 0);
        start.wait();
        let until = Instant::now() + length;
        for n in first.. {
            let asked = Instant::now();
            if asked >= until {
                break;
            }
            errors += usize::from(!ask(client, cases, n));
            took_ms.push(asked.elapsed().as_secs_f64() * 1e3);
        }
        (took_ms, errors)
    };
    let progress = bar("asking", args.seconds.into());
    let done: Vec<(Vec<f64>, usize)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..clients as usize).map(|n| scope.spawn(move || work(n * 7919))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    progress.finish_and_clear();
    let errors = done.iter().map(|(_, errors)| errors).sum();
    let mut took_ms: Vec<f64> = done.into_iter().flat_map(|(took, _)| took).collect();
    took_ms.sort_by(f64::total_cmp);
    let Some(last) = took_ms.len().checked_sub(1) else { bail!("nothing was answered in {length:?}") };
    let at = |percent: usize| took_ms[last * percent / 100];
    Ok(Report {
        cases: args.cases,
        clients,
        database: if args.database.is_some() { "the given database" } else { "SQLite" },
        requests: took_ms.len(),
        requests_per_second: took_ms.len() as f64 / length.as_secs_f64(),
        p50_ms: at(50),
        p99_ms: at(99),
        max_ms: at(100),
        errors,
    })
}

/// One request; whether it was answered.
fn ask(client: &Client, cases: &[CaseSummary], n: usize) -> bool {
    match n % TURNS {
        turn if turn < LISTS => {
            let mut page = client.cases("status=open&limit=25").take(PAGE);
            page.all(|case| case.is_ok())
        }
        turn if turn < LISTS + QUEUES => client.queues().is_ok(),
        _ => client.case(&cases[n % cases.len()].case_id).is_ok(),
    }
}
