//! A model that Python's LightGBM trained, imported, held against what Python says of 100,000 rows.

use std::path::Path;
use std::process::Command;

use schema::Vector;
use scorers::Model;
use silhouette_tests::component;
use silhouette_tests::python::environment;

use crate::lab::{Lab, run, succeed, text};

fn numbers(file: &Path) -> Vec<f64> {
    let bytes = std::fs::read(file).unwrap();
    bytes.chunks_exact(8).map(|eight| f64::from_le_bytes(eight.try_into().unwrap())).collect()
}

#[test]
fn an_imported_model_says_what_lightgbm_says() {
    let Some(programs) = component("lightgbm", environment("lightgbm", "import lightgbm")) else { return };
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let schema = detect::feature_schema(&detect::Profile::default());
    // Some columns, in another order than the schema's.
    let places: Vec<usize> = (0..schema.len()).rev().step_by(6).collect();
    let names: Vec<&str> = places.iter().map(|i| schema.features()[*i].name.as_str()).collect();
    std::fs::write(folder.path().join("FEATURES"), names.join("\n")).unwrap();
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("lightgbm/peer.py");
    let output = Command::new(programs.join("python")).arg(peer).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let (file, out) = (folder.path().join("model.txt"), folder.path().join("model"));
    succeed(&["import", "lightgbm", text(&file), "--like", text(&lab.model), "--out", text(&out)]);
    let document = std::fs::read_to_string(out.join("model.json")).unwrap();
    let model = Model::decode(&document, &schema).unwrap();
    let rows = numbers(&folder.path().join("rows.f64"));
    let vectors: Vec<Vector> = rows
        .chunks_exact(names.len())
        .map(|row| {
            let mut values = vec![f64::NAN; schema.len()];
            places.iter().zip(row).for_each(|(place, value)| values[*place] = *value);
            Vector::new(values)
        })
        .collect();
    let scores = numbers(&folder.path().join("scores.f64"));
    assert_eq!((vectors.len(), scores.len()), (100_000, 100_000));
    assert!(rows.iter().filter(|value| value.is_nan()).count() > rows.len() / 10);
    let off = |(x, right): (&Vector, &f64)| (model.score(x).score - right).abs();
    let furthest = vectors.iter().zip(&scores).map(off).fold(0.0, f64::max);
    assert!(furthest <= 1e-6, "{furthest}");

    let contributions = numbers(&folder.path().join("contributions.f64"));
    for (x, right) in vectors.iter().zip(contributions.chunks_exact(names.len() + 1)) {
        let scorer = &model.artifact().scorer;
        let found = scorer.contributions(x);
        assert!((scorer.expected() - right[names.len()]).abs() <= 1e-6);
        for (place, right) in places.iter().zip(right) {
            assert!((found[*place] - right).abs() <= 1e-6, "{} {right}", found[*place]);
        }
    }

    // It serves like any other.
    let (events, flags) = (text(&lab.events), folder.path().join("flags.jsonl"));
    succeed(&["detect", "--events", events, "--model", text(&out), "--out", text(&flags), "--min-p", "0.9"]);
    assert!(flags.exists());
    std::fs::write(&file, "tree\nobjective=regression\n").unwrap();
    let refused = run(&["import", "lightgbm", text(&file), "--like", text(&lab.model), "--out", text(&out)]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("only objective=binary can be imported"));
}
