//! The page on which every metric is documented, `docs/metrics.md`.

use std::fmt::Write;

use super::{Declared, Kind, Metric, Values};

const HEAD: &str = "\
# Metrics

This page is made from the declarations by which the metrics are registered; a test holds the two together. Each service
serves its own at `/metrics` ([operating](operating.md) says how to have them read). No label ever holds an account, an event, a
case or a person; every label has a bound. A counter begins at 0 whenever its process starts, and values of closed sets
are there from the start.
";

/// The page, Markdown: sections, each with a sentence on who serves it.
pub fn page(sections: &[(&str, &str, &[Declared])]) -> String {
    let mut page = HEAD.to_owned();
    for (title, about, declared) in sections {
        add(&mut page, &format!("\n## {title}\n\n{about}"));
        for one in *declared {
            metric(&mut page, one);
        }
    }
    page
}

fn metric(page: &mut String, Declared { metric, kind }: &Declared) {
    let Metric { name, unit, labels, buckets, means, bad } = metric;
    add(page, &format!("\n### {name}\n\n{} in {unit}. {means}\n", kind.as_str()));
    for label in *labels {
        let values = match label.values {
            Values::Closed(words) => {
                words().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
            }
            Values::Bounded { by, .. } => format!("as many as there are {by}"),
        };
        add(page, &format!("* label `{}`: {values}", label.name));
    }
    if *kind == Kind::Histogram {
        let bounds: Vec<String> = buckets.iter().map(f64::to_string).collect();
        add(page, &format!("* buckets up to {}", bounds.join(", ")));
    }
    add(page, &format!("* bad: {bad}"));
}

fn add(page: &mut String, line: &str) {
    writeln!(page, "{line}").expect("a string takes any line");
}
