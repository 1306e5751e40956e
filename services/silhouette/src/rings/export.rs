//! Every cluster with its accounts and links, as a file.

use std::path::Path;

use platform::files::Output;
use rings::Rings;
use serde::Serialize;

use super::args::Format;
use super::graphml;
use super::page::{ClusterPage, PairPage};

/// Clusters and the pairs within them.
#[derive(Debug, Serialize)]
pub(super) struct Graph {
    pub(super) clusters: Vec<ClusterPage>,
    pub(super) pairs: Vec<PairPage>,
}

impl Graph {
    fn of(rings: &Rings) -> Self {
        let clusters = rings.clusters();
        let pairs = clusters.iter().flat_map(|cluster| clusters.pairs_within(cluster));
        Self {
            pairs: pairs.map(PairPage::of).collect(),
            clusters: clusters.iter().map(|cluster| ClusterPage::of(rings, cluster)).collect(),
        }
    }
}

/// Writes everything; returns how many clusters and pairs that is.
pub(super) fn write(rings: &Rings, format: Format, out: &Path) -> anyhow::Result<(usize, usize)> {
    let graph = Graph::of(rings);
    let mut output = Output::create(out)?;
    match format {
        Format::Json => output.line(&serde_json::to_string(&graph)?)?,
        Format::Graphml => graphml::write(&graph, &mut output)?,
    }
    output.finish()?;
    Ok((graph.clusters.len(), graph.pairs.len()))
}
