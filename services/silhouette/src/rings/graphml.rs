//! GraphML (<http://graphml.graphdrawing.org/>), which tools for graphs read.

use platform::files::Output;

use super::export::Graph;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="cluster" for="node" attr.name="cluster" attr.type="string"/>
  <key id="strength" for="edge" attr.name="strength" attr.type="double"/>
  <key id="kinds" for="edge" attr.name="kinds" attr.type="string"/>
  <key id="since" for="edge" attr.name="since" attr.type="long"/>
  <key id="last" for="edge" attr.name="last" attr.type="long"/>
  <graph id="rings" edgedefault="undirected">"#;

/// Writes a graph. Nothing needs escaping: tokens are letters, digits, hyphens and underscores.
pub(super) fn write(graph: &Graph, output: &mut Output) -> anyhow::Result<()> {
    output.line(HEAD)?;
    for cluster in &graph.clusters {
        for member in &cluster.members {
            let (id, cluster) = (member.as_str(), cluster.id.as_str());
            output.line(&format!(r#"    <node id="{id}"><data key="cluster">{cluster}</data></node>"#))?;
        }
    }
    for pair in &graph.pairs {
        let kinds: Vec<&str> = pair.links.iter().map(|link| link.kind).collect();
        let since = pair.links.iter().map(|link| link.since).min().unwrap_or(0);
        let last = pair.links.iter().map(|link| link.last).max().unwrap_or(0);
        output.line(&format!(
            r#"    <edge source="{}" target="{}"><data key="strength">{}</data><data key="kinds">{}</data><data key="since">{since}</data><data key="last">{last}</data></edge>"#,
            pair.a.as_str(),
            pair.b.as_str(),
            pair.strength,
            kinds.join(" "),
        ))?;
    }
    output.line("  </graph>")?;
    Ok(output.line("</graphml>")?)
}
