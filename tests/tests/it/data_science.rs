//! What data scientists bring along: MLflow's own reading of the registry, and a notebook from Parquet to a registered
//! model.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use silhouette_tests::component;
use silhouette_tests::python::environment;

use crate::lab::{Lab, PROGRAM, succeed, text};
use crate::model_registry::Shelf;

/// MLflow, LightGBM and a kernel for notebooks; the folder of their programs.
fn install() -> anyhow::Result<PathBuf> {
    environment("mlflow", "import mlflow, lightgbm, nbconvert, ipykernel, pyarrow")
}

#[test]
fn mlflow_opens_the_registry() {
    let Some(programs) = component("mlflow", install()) else { return };
    let (lab, shelf) = (Lab::shared(), Shelf::new());
    let model = shelf.crown();
    let out = shelf.folder.path().join("mlruns");
    shelf.succeed(&["export", "--mlflow", text(&out)]);
    assert!(shelf.fail(&["export", "--mlflow", text(&out)]).contains("is there already"));
    let read = Path::new(env!("CARGO_MANIFEST_DIR")).join("mlflow/read.py");
    let output = Command::new(programs.join("python"))
        .arg(read)
        .arg(&out)
        .env("MLFLOW_ALLOW_FILE_STORE", "true")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["by_client"], found["by_server"], "the page's server sees what the client sees");
    assert_eq!(found["page"], true, "the page opens");
    assert!(found["card"].as_str().unwrap().contains("a signal, not proof"));
    let seen = &found["by_server"];
    assert_eq!(seen["aliases"]["champion"], "1");
    let one = &seen["models"][0];
    assert_eq!(one["model"], model.as_str());
    let report = std::fs::read_to_string(lab.model.join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(one["metrics"]["average_precision"], report["test"]["average_precision"]);
    assert_eq!(one["parameters"]["family.trees.depth"], "6", "{one}");
    assert_eq!(one["parameters"]["profile"], "discovery");
    assert_eq!(one["tags"]["silhouette.gates"], "passed");
    assert!(one["files"].as_array().unwrap().contains(&"model.json".into()), "{one}");
}

#[test]
fn the_notebook_goes_from_parquet_to_a_registered_model() {
    let Some(programs) = component("mlflow", install()) else { return };
    let (lab, shelf) = (Lab::shared(), Shelf::new());
    let notebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/notebooks/lightgbm.ipynb");
    let (folder, out) = (shelf.folder.path(), shelf.folder.path().join("notebook"));
    let output = Command::new(programs.join("python"))
        .args(["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", text(folder)])
        .arg(notebook)
        .env("SILHOUETTE", PROGRAM)
        .env("MODEL", &lab.model)
        .env("OUT", &out)
        .env("REGISTRY", shelf.directory())
        .env("REGISTRY_KEY", folder.join("registry.key"))
        // Whatever else is installed keeps its settings to itself.
        .env("JUPYTER_CONFIG_DIR", folder.join("jupyter"))
        .env("IPYTHONDIR", folder.join("ipython"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: Value = serde_json::from_str(&shelf.succeed(&["list", "--json"])).unwrap();
    let entry = &listed["models"][0];
    assert_eq!((&entry["by"], &entry["family"]), (&"notebook".into(), &"trees".into()));
    let files = entry["files"].as_object().unwrap();
    assert!(files.contains_key("lightgbm.txt") && files.contains_key("manifest.json"), "{entry}");

    // It is found to come out again, and serves.
    let (model, again) = (entry["model"].as_str().unwrap(), out.join("again"));
    let world = ["--events", text(&lab.events), "--truth", text(&lab.truth)];
    let judged = [&["judge", model, "--trained-again", text(&again)][..], &world].concat();
    let said = shelf.judged(&judged);
    assert!(said.contains("reproduction  open") && said.contains("content       open"), "{said}");
    let (pulled, flags) = (folder.join("pulled"), folder.join("flags.jsonl"));
    shelf.succeed(&["pull", model, "--out", text(&pulled)]);
    let events = text(&lab.events);
    succeed(&[
        "detect",
        "--events",
        events,
        "--model",
        text(&pulled),
        "--out",
        text(&flags),
        "--min-p",
        "0.5",
    ]);
    assert!(std::fs::read_to_string(flags).unwrap().lines().count() > 0);
}
