//! Accounts that seem to act as one.

mod args;
mod export;
mod graphml;
mod judge;
mod page;

use anyhow::bail;
use detector::wall_clock;
use events::Token;
use rings::{Explanation, Rings};
use serde::Serialize;
use trainer::RingsJob;

use crate::terminal::{count, data, say};
pub(crate) use args::RingsCommand;
use page::{ClusterPage, PairPage};

pub(crate) fn run(command: &RingsCommand) -> anyhow::Result<()> {
    match command {
        RingsCommand::List { from, min_accounts, json } => list(&read(from)?, *min_accounts, *json),
        RingsCommand::Show { account, from, hops, json } => show(&read(from)?, account, (*hops, *json)),
        RingsCommand::Explain { one, other, from, json } => explain(from, (one, other), *json),
        RingsCommand::Export { from, format, out } => {
            let (clusters, pairs) = export::write(&read(from)?, *format, out)?;
            say(&format!("{clusters} clusters and the {pairs} links within them are in {}", out.display()));
            Ok(())
        }
        RingsCommand::Judge { from, truth, json } => judge::run(&job(from)?, truth, *json),
    }
}

fn job(from: &args::Input) -> anyhow::Result<RingsJob<'_>> {
    Ok(RingsJob {
        events: &from.events,
        broken: from.broken.as_deref(),
        until: from.until,
        members_max: usize::try_from(from.accounts_max)?,
    })
}

fn read(from: &args::Input) -> anyhow::Result<Rings> {
    let progress = count("linking");
    let rings = trainer::read_rings(&job(from)?, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    Ok(rings)
}

fn list(rings: &Rings, min_accounts: u32, json: bool) -> anyhow::Result<()> {
    let least = usize::try_from(min_accounts)?;
    let mut pages: Vec<ClusterPage> = rings
        .clusters()
        .iter()
        .filter(|cluster| cluster.members.len() >= least)
        .map(|cluster| ClusterPage::of(rings, cluster))
        .collect();
    pages.sort_by(|a, b| {
        let by = |page: &ClusterPage| (page.does.minors_expected, page.accounts);
        by(b).0.total_cmp(&by(a).0).then(by(b).1.cmp(&by(a).1)).then_with(|| a.id.cmp(&b.id))
    });
    if json {
        for page in &pages {
            data(&serde_json::to_string(page)?);
        }
    } else {
        data(&table(&pages));
    }
    let accounts: usize = pages.iter().map(|page| page.accounts).sum();
    let cut = rings.clusters().cut().len();
    say(&format!("{} clusters of {accounts} accounts; signals, not proof", pages.len()));
    if cut > 0 {
        say(&format!(
            "{cut} links were left out: each would have made a cluster too large, or was all that joined two groups"
        ));
    }
    Ok(())
}

fn table(pages: &[ClusterPage]) -> String {
    let mut text = format!(
        "{:<28} {:>8} {:>10} {:>7} {:>8} {:>9}  {:<22} links\n",
        "cluster", "accounts", "confidence", "minors", "of one", "suspended", "from, to"
    );
    for page in pages {
        let links: Vec<String> = page.links.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        text += &format!(
            "{:<28} {:>8} {:>10.2} {:>7.0} {:>8} {:>9}  {} {}  {}\n",
            page.id.as_str(),
            page.accounts,
            page.confidence,
            page.does.minors_expected,
            page.does.minors_of_one,
            page.does.suspended,
            date(page.since),
            date(page.last),
            links.join(", ")
        );
    }
    text.trim_end().to_owned()
}

/// What a picture is drawn from.
#[derive(Debug, Serialize)]
struct PicturePage {
    account: Token,
    nodes: Vec<Node>,
    links: Vec<PairPage>,
    left_out: usize,
    cluster: Option<ClusterPage>,
}

#[derive(Debug, Serialize)]
struct Node {
    account: Token,
    hops: u8,
    cluster: Option<Token>,
}

fn show(rings: &Rings, account: &Token, (hops, json): (u8, bool)) -> anyhow::Result<()> {
    known(rings, account)?;
    let picture = rings.linker().picture(account, hops);
    let cluster_of = |token: &Token| rings.clusters().of_account(token);
    let page = PicturePage {
        account: account.clone(),
        nodes: picture
            .nodes
            .iter()
            .map(|(token, hops)| Node {
                account: token.clone(),
                hops: *hops,
                cluster: cluster_of(token).map(|cluster| cluster.id.clone()),
            })
            .collect(),
        links: picture.pairs.iter().map(PairPage::of).collect(),
        left_out: picture.left_out,
        cluster: cluster_of(account).map(|cluster| ClusterPage::of(rings, cluster)),
    };
    if json {
        data(&serde_json::to_string_pretty(&page)?);
        return Ok(());
    }
    match &page.cluster {
        Some(cluster) => data(&table(std::slice::from_ref(cluster))),
        None => data(&format!("{} is in no cluster", account.as_str())),
    }
    page.links.iter().for_each(|pair| data(&in_words(pair)));
    if page.left_out > 0 {
        say(&format!("{} more accounts are linked and not shown", page.left_out));
    }
    Ok(())
}

#[derive(Debug, Serialize)]
struct ExplanationPage {
    one: Token,
    other: Token,
    direct: Option<PairPage>,
    is_broken: bool,
    cluster: Option<Token>,
    chain: Vec<PairPage>,
    softened: Vec<&'static str>,
}

fn explain(from: &args::Input, (one, other): (&Token, &Token), json: bool) -> anyhow::Result<()> {
    if one == other {
        bail!("{} is one account: name two", one.as_str());
    }
    let rings = read(from)?;
    known(&rings, one)?;
    known(&rings, other)?;
    let found = rings.explain(one, other);
    let mut events = std::collections::BTreeMap::new();
    if let Some(trail) = rings.linker().trail(one, other).filter(|_| found.direct.is_some()) {
        let progress = count("looking for the events");
        events = trainer::find_evidence(&job(from)?, &trail, wall_clock(), |n| progress.set_position(n))?;
        progress.finish_and_clear();
    }
    let page = ExplanationPage {
        one: one.clone(),
        other: other.clone(),
        direct: found.direct.as_ref().map(|pair| PairPage::with(pair, &events)),
        is_broken: found.is_broken,
        cluster: found.cluster.clone(),
        chain: found.chain.iter().map(PairPage::of).collect(),
        softened: found.softened.clone(),
    };
    if json {
        data(&serde_json::to_string_pretty(&page)?);
    } else {
        data(&why(&page, &found));
    }
    Ok(())
}

fn why(page: &ExplanationPage, found: &Explanation) -> String {
    let mut text = match (&page.direct, found.is_broken) {
        (Some(pair), _) => in_words(pair),
        (None, true) => "a reviewer has found that these two have nothing to do with each other".to_owned(),
        (None, false) => "nothing links these two directly".to_owned(),
    };
    for sentence in &page.softened {
        text += &format!("\n    what they share counts for less: {sentence}");
    }
    match (&page.cluster, found.chain.len()) {
        (Some(id), 0 | 1) => text += &format!("\nboth are in the cluster {}", id.as_str()),
        (Some(id), n) => {
            text += &format!("\nboth are in the cluster {}, over {n} links:", id.as_str());
            page.chain.iter().for_each(|pair| text += &format!("\n{}", in_words(pair)));
        }
        (None, _) => text += "\nthey are not in one cluster",
    }
    text
}

fn in_words(pair: &PairPage) -> String {
    let mut text = format!("{} and {}: {:.2}", pair.a.as_str(), pair.b.as_str(), pair.strength);
    for link in &pair.links {
        let (since, last) = (date(link.since), date(link.last));
        text += &format!("\n    {:<12} {:.2}  {}, {since} to {last}", link.kind, link.strength, link.text);
        for event in &link.events {
            text += &format!("\n        {}", event.as_str());
        }
    }
    text
}

/// The day of a moment in milliseconds.
fn date(ms: u64) -> String {
    trainer::date_of(ms / (24 * 60 * 60 * 1000))
}

fn known(rings: &Rings, account: &Token) -> anyhow::Result<()> {
    if !rings.linker().knows(account) {
        bail!(
            "no event names the account {}: `silhouette rings list` shows those that are linked",
            account.as_str()
        );
    }
    Ok(())
}
