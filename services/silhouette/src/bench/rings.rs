//! `silhouette bench rings`: what links and clusters cost on this machine.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use events::{
    AccountCreated, Body, ContactRequested, Edge, Event, Mutuals, Relation, SessionStarted, Surface, Token,
};
use rings::{Clusters, Linker, MEMBERS_MAX, Pair, TOGETHER};
use serde::Serialize;

use crate::bench::args::RingsArgs;
use crate::bench::clock::{cpu, resident};
use crate::bench::dice::{below, draw, happens};
use crate::terminal::{bar, data};

/// Events of a tick. Making them is not measured.
const TICK: usize = 8192;

/// People of a home; one home in ten has a device for all.
const HOME: u32 = 3;

/// One account in so many, in ten thousand, is of a ring of six on three devices.
const RING: u32 = 6;
const OF_RINGS: u32 = 5;

/// Networks away from home.
const AWAY: u32 = 60_000;

const START: u64 = 1_736_121_600_000;
const DAY: u64 = 24 * 60 * 60 * 1000;

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    accounts: usize,
    events: u64,
    events_per_core_second: f64,
    /// Sightings of accounts at places, and first contacts, that are remembered.
    edges: usize,
    edges_per_core_second: f64,
    bytes_per_edge: f64,
    bytes_per_account: f64,
    rss_bytes: u64,
    rss_bytes_most: u64,
    /// All links anew, in so many threads; then all clusters; then what each does as a whole.
    threads: usize,
    links_seconds: f64,
    clusters_seconds: f64,
    roll_up_seconds: f64,
    pairs: usize,
    clusters: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        writeln!(f, "{} accounts, {} events, {} edges", self.accounts, self.events, self.edges)?;
        writeln!(f, "events a core and second      {:>12.0}", self.events_per_core_second)?;
        writeln!(f, "edges a core and second       {:>12.0}", self.edges_per_core_second)?;
        writeln!(
            f,
            "bytes an edge, an account     {:>12.1} {:>9.0}",
            self.bytes_per_edge, self.bytes_per_account
        )?;
        writeln!(
            f,
            "resident, at most, MiB        {:>12.0} {:>9.0}",
            mib(self.rss_bytes),
            mib(self.rss_bytes_most)
        )?;
        writeln!(
            f,
            "all links, {} threads, s       {:>12.1}   {} pairs",
            self.threads, self.links_seconds, self.pairs
        )?;
        writeln!(
            f,
            "all clusters, s               {:>12.1}   {} clusters",
            self.clusters_seconds, self.clusters
        )?;
        write!(f, "what each does as a whole, s  {:>12.1}", self.roll_up_seconds)
    }
}

pub(crate) fn run(args: &RingsArgs) -> anyhow::Result<()> {
    let before = resident()?.now;
    let mut linker = Linker::default();
    let (events, spent) = fill(args, &mut linker)?;
    let filled = resident()?;
    let footprint = linker.footprint();
    let threads = usize::try_from(args.threads.get())?;
    let start = Instant::now();
    let pairs = links(&linker, threads)?;
    let links_seconds = start.elapsed().as_secs_f64();
    let (start, n) = (Instant::now(), pairs.len());
    let clusters = Clusters::of(pairs, MEMBERS_MAX);
    let clusters_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let minors: f64 = clusters.iter().map(|cluster| linker.roll_up(&cluster.members).minors_expected).sum();
    let roll_up_seconds = start.elapsed().as_secs_f64();
    anyhow::ensure!(minors.is_finite(), "a sum of probabilities is not finite");
    let used = filled.now.saturating_sub(before) as f64;
    let seconds = spent.as_secs_f64().max(1e-9);
    let report = Report {
        accounts: footprint.accounts,
        events,
        events_per_core_second: events as f64 / seconds,
        edges: footprint.edges,
        edges_per_core_second: footprint.edges as f64 / seconds,
        bytes_per_edge: used / footprint.edges as f64,
        bytes_per_account: used / footprint.accounts as f64,
        rss_bytes: filled.now,
        rss_bytes_most: resident()?.most,
        threads,
        links_seconds,
        clusters_seconds,
        roll_up_seconds,
        pairs: n,
        clusters: clusters.iter().count(),
    };
    data(&if args.json { serde_json::to_string(&report)? } else { report.to_string() });
    Ok(())
}

/// Every account's events through the linker.
fn fill(args: &RingsArgs, linker: &mut Linker) -> anyhow::Result<(u64, Duration)> {
    let world = World { accounts: args.accounts, seed: args.seed };
    let each = 4 + args.contacts;
    let total = u64::from(args.accounts) * u64::from(each);
    let progress = bar("linking", total);
    let (mut spent, mut tick) = (Duration::ZERO, Vec::with_capacity(TICK));
    for n in 0..total {
        tick.push(world.event(n, total)?);
        if tick.len() == TICK || n + 1 == total {
            let start = cpu();
            linker.tick(&tick);
            spent += cpu() - start;
            tick.clear();
            progress.set_position(n + 1);
        }
    }
    progress.finish_and_clear();
    Ok((total, spent))
}

fn links(linker: &Linker, threads: usize) -> anyhow::Result<Vec<Pair>> {
    let found = std::thread::scope(|scope| {
        let part = |part| scope.spawn(move || linker.links_of_part((part, threads), TOGETHER));
        let parts: Vec<_> = (0..threads).map(part).collect();
        parts.into_iter().map(|part| part.join()).collect::<Result<Vec<_>, _>>()
    });
    let found = found.map_err(|_| anyhow!("a thread that links panicked"))?;
    Ok(found.into_iter().flatten().collect())
}

/// People at home and away who turn to others, and a few rings.
struct World {
    accounts: u32,
    seed: u64,
}

impl World {
    /// The event number `n`: first everybody registers, then everybody is seen at home and away, then everybody turns
    /// to somebody, so that 28 days go by.
    fn event(&self, n: u64, total: u64) -> anyhow::Result<Event> {
        let accounts = u64::from(self.accounts);
        let (round, who) = (n / accounts, u32::try_from(n % accounts)?);
        let ts = START + n * 28 * DAY / total.max(1);
        let ring = (who / RING * RING, happens(draw(self.seed, 1, u64::from(who / RING)), OF_RINGS));
        let chance = draw(self.seed, 2 + round, u64::from(who));
        let device = match ring {
            (first, true) => token('r', u64::from(first) << 2 | u64::from(below(chance, 3)))?,
            _ if happens(draw(self.seed, 3, u64::from(who / HOME)), 1000) => {
                token('h', u64::from(who / HOME))?
            }
            _ => token('d', u64::from(who))?,
        };
        let home = if ring.1 { token('b', u64::from(ring.0))? } else { token('n', u64::from(who / HOME))? };
        let away = token('w', u64::from(below(chance, AWAY)))?;
        let body = match round {
            0 => {
                // Rings register within hours, others over three years.
                let age = if ring.1 { 0 } else { u64::from(below(chance, 1000)) * DAY };
                Body::AccountCreated(AccountCreated {
                    created: START - age,
                    reg_channel: None,
                    device: Some(device),
                    network: Some(home),
                    phone_prefix: None,
                    asn: None,
                    country: None,
                    invited_by: None,
                })
            }
            1..=3 => Body::SessionStarted(SessionStarted {
                device: Some(device),
                network: Some(if round == 1 { home } else { away }),
                asn: None,
                country: None,
                client: None,
                new_device: None,
            }),
            _ => Body::ContactRequested(ContactRequested { surface: Surface::Search }),
        };
        let target = (round > 3).then(|| self.target(who, chance)).transpose()?;
        let rel = target.as_ref().map(|_| Relation {
            edge: Some(Edge::None),
            mutuals: Some(Mutuals::None),
            target_has_actor: None,
            actor_has_target: None,
            shared_groups: None,
        });
        let actor = Some(token('a', u64::from(who))?);
        Ok(Event { id: token('e', n)?, ts, actor, target, actor_ctx: None, target_ctx: None, rel, body })
    }

    /// Half of all turn to somebody near, half to anybody.
    fn target(&self, who: u32, chance: u64) -> anyhow::Result<Token> {
        let near = (who / 400 * 400).saturating_add(below(chance << 8, 400)).min(self.accounts - 1);
        let anybody = below(chance << 8, self.accounts);
        token('a', u64::from(if happens(chance, 5000) { near } else { anybody }))
    }
}

fn token(kind: char, number: u64) -> anyhow::Result<Token> {
    Ok(Token::try_from(format!("{kind}{number:023}").as_str())?)
}
