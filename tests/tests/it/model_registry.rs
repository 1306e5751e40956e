//! The registry as its users run it: registered, judged, promoted, rolled back, verified.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::desk::{Desk, Setup};
use crate::lab::{Lab, run, succeed, text};

/// A registry in a folder of its own.
pub(crate) struct Shelf {
    pub(crate) folder: tempfile::TempDir,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    pub(crate) fn public_key(&self) -> PathBuf {
        self.folder.path().join("registry.key.pub")
    }

    /// The command with its arguments, and the registry named as it must be.
    fn args(&self, args: &[&str]) -> Vec<String> {
        let writes = ["push", "judge", "promote", "rollback", "lift"].contains(&args[0]);
        let key = if writes { ["--key", "registry.key"] } else { ["--verifier", "registry.key.pub"] };
        let own = ["--registry", text(&self.directory()), key[0], text(&self.folder.path().join(key[1]))]
            .map(str::to_owned);
        ["models"].iter().chain(args).map(|arg| (*arg).to_owned()).chain(own).collect()
    }

    #[track_caller]
    pub(crate) fn succeed(&self, args: &[&str]) -> String {
        let args = self.args(args);
        succeed(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What it says on failing.
    #[track_caller]
    pub(crate) fn fail(&self, args: &[&str]) -> String {
        let args = self.args(args);
        let output = run(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        said
    }

    /// What judging says, whichever way it goes.
    pub(crate) fn judged(&self, args: &[&str]) -> String {
        let args = self.args(args);
        let output = run(&args.iter().map(String::as_str).collect::<Vec<_>>());
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn push(&self, directory: &Path) -> String {
        self.succeed(&["push", text(directory), "--by", "ada"]).trim().to_owned()
    }

    /// Judges a model by what it was trained on and a world that it has not seen.
    pub(crate) fn judge(&self, model: &str) -> Vec<String> {
        let lab = Lab::shared();
        let training = lab.folder.join("training");
        let (events, labels) = (training.join("events.jsonl"), training.join("labels.jsonl"));
        let again = ["--trained-on", text(&events), "--labels", text(&labels)];
        let world = ["--events", text(&lab.events), "--truth", text(&lab.truth)];
        let all = [&["judge", model][..], &again, &world, &LENIENT].concat();
        all.into_iter().map(str::to_owned).collect()
    }

    /// The same, taking for made again what is in the directory.
    pub(crate) fn judge_by_copy(&self, model: &str, directory: &Path) {
        let lab = Lab::shared();
        let world = ["--events", text(&lab.events), "--truth", text(&lab.truth)];
        self.succeed(&[&["judge", model, "--trained-again", text(directory)][..], &world, &LENIENT].concat());
    }

    /// Makes the lab's model champion of an empty registry.
    pub(crate) fn crown(&self) -> String {
        let model = self.push(&Lab::shared().model);
        self.judge_by_copy(&model, &Lab::shared().model);
        self.promote(&model, "champion");
        model
    }

    /// Has a model pass the gates.
    pub(crate) fn pass(&self, model: &str) {
        let args = self.judge(model);
        self.succeed(&args.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[track_caller]
    pub(crate) fn promote(&self, model: &str, to: &str) {
        self.succeed(&["promote", model, "--to", to, "--by", "sam", "--approved-by", "lee"]);
    }
}

/// In a small world the surest hundredth is of a handful of people.
const LENIENT: [&str; 2] = ["--calibration-error-max", "0.3"];

/// A second model of the lab's features, of as many trees.
pub(crate) fn another(folder: &Path, more: &[&str]) -> PathBuf {
    let training = Lab::shared().folder.join("training");
    let (events, labels, out) =
        (training.join("events.jsonl"), training.join("labels.jsonl"), folder.join("another"));
    let args = ["train", "--events", text(&events), "--labels", text(&labels), "--out", text(&out)];
    succeed(&[&args[..], more].concat());
    out
}

fn overwrite(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_registered_model_is_whole_or_refused() {
    let (lab, shelf) = (Lab::shared(), Shelf::new());
    let model = shelf.push(&lab.model);
    assert!(shelf.fail(&["push", text(&lab.model), "--by", "ada"]).contains("is there already"));
    let listed: Value = serde_json::from_str(&shelf.succeed(&["list", "--json"])).unwrap();
    assert_eq!(listed["models"][0]["model"], json!(model));
    assert_eq!(listed["models"][0]["family"], "trees");
    assert!(listed["models"][0]["metrics"]["average_precision"].is_number(), "{listed}");
    assert!(shelf.succeed(&["show", &model, "--file", "card.md"]).contains("a signal, not proof"));
    let shown: Value = serde_json::from_str(&shelf.succeed(&["show", &model])).unwrap();
    assert_eq!(shown["entry"]["files"].as_object().unwrap().len(), 4, "{shown}");

    // What comes out is what went in, and serves.
    let out = shelf.folder.path().join("pulled");
    shelf.succeed(&["pull", &model, "--out", text(&out)]);
    for file in ["model.json", "manifest.json", "card.md", "report.json"] {
        assert_eq!(std::fs::read(out.join(file)).unwrap(), std::fs::read(lab.model.join(file)).unwrap());
    }
    shelf.succeed(&["verify"]);

    // Another schema, another hash, another signature.
    let said = shelf.fail(&["push", text(&lab.model), "--by", "ada", "--profile", "sealed"]);
    assert!(said.contains("was trained on feature schema"), "{said}");
    let hash = shown["entry"]["files"]["model.json"]["blake3"].as_str().unwrap();
    let (object, note) = (
        shelf.directory().join("objects").join(hash),
        shelf.directory().join(format!("models/{model}.note")),
    );
    let whole = std::fs::read(&object).unwrap();
    overwrite(&object, |bytes| bytes[whole.len() / 2] ^= 1);
    let said = shelf.fail(&["verify"]);
    assert!(said.contains("it was changed or damaged") && said.contains("1 findings"), "{said}");
    assert!(shelf.fail(&["pull", &model, "--out", text(&out)]).contains("it was changed or damaged"));
    overwrite(&object, |bytes| bytes.clone_from(&whole));
    shelf.succeed(&["verify"]);
    overwrite(&note, |bytes| bytes[40] ^= 1);
    assert!(shelf.fail(&["show", &model]).contains("is not signed by the registry's key"));
    assert!(shelf.fail(&["show", "0000000000000000"]).contains("there is no model"));
}

#[test]
fn what_is_shown_takes_gates_steps_and_two_people() {
    let (lab, shelf) = (Lab::shared(), Shelf::new());
    let first = shelf.push(&lab.model);
    let champion = ["promote", &first, "--to", "champion", "--by", "sam"];
    assert!(shelf.fail(&champion).contains("has not been judged"));
    shelf.pass(&first);
    assert!(shelf.fail(&champion).contains("takes two people"));
    for approver in ["sam", "ada"] {
        let said = shelf.fail(&[&champion[..], &["--approved-by", approver]].concat());
        assert!(said.contains("cannot approve it"), "{said}");
    }
    shelf.promote(&first, "champion");

    let directory = another(shelf.folder.path(), &["--trees", "260"]);
    let second = shelf.push(&directory);
    shelf.succeed(&["promote", &second, "--to", "shadow", "--by", "sam"]);
    let tenth = ["promote", &second, "--to", "10%", "--by", "sam", "--approved-by", "lee"];
    assert!(shelf.fail(&tenth).contains("has not been judged"), "not against this champion");
    shelf.judge_by_copy(&second, &directory);
    let skipped = ["promote", &second, "--to", "champion", "--by", "sam", "--approved-by", "lee"];
    assert!(shelf.fail(&skipped).contains("and then a share of the accounts"));
    shelf.promote(&second, "10%");
    shelf.promote(&second, "champion");
    let shown: Value = serde_json::from_str(&shelf.succeed(&["show", "champion"])).unwrap();
    assert_eq!((&shown["entry"]["model"], &shown["standing"]), (&json!(second), &json!("champion")));
    assert_eq!(shown["moves"][2]["approved_by"], "lee", "{shown}");
    shelf.succeed(&["rollback", "--by", "lee"]);
    let shown: Value = serde_json::from_str(&shelf.succeed(&["show", "champion"])).unwrap();
    assert_eq!(shown["entry"]["model"], json!(first));
    shelf.succeed(&["verify"]);

    // A move that is taken away leaves a hole; one that is changed, a bad signature.
    let moves = shelf.directory().join("history");
    std::fs::rename(moves.join("000001.note"), shelf.folder.path().join("taken")).unwrap();
    std::fs::rename(moves.join("000002.note"), moves.join("000001.note")).unwrap();
    let said = shelf.fail(&["verify"]);
    assert!(said.contains("does not follow on the one before"), "{said}");
}

#[test]
fn a_model_that_does_not_come_out_again_or_is_worse_is_kept_out() {
    let (lab, shelf) = (Lab::shared(), Shelf::new());
    shelf.crown();
    // Ten trees find less.
    let poor = shelf.push(&another(shelf.folder.path(), &["--trees", "2", "--depth", "1"]));
    let judged = shelf.judge(&poor);
    let said = shelf.fail(&judged.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.contains("champion      SHUT"), "{said}");
    assert!(said.contains("reproduction  open"), "{said}");

    // Other labels are not those of the manifest.
    let (events, labels) =
        (lab.folder.join("training/events.jsonl"), shelf.folder.path().join("labels.jsonl"));
    let text_of = std::fs::read_to_string(lab.folder.join("training/labels.jsonl")).unwrap();
    std::fs::write(&labels, text_of.lines().skip(1).collect::<Vec<_>>().join("\n")).unwrap();
    let (world, truth) = (text(&lab.events), text(&lab.truth));
    let args = ["judge", &poor, "--trained-on", text(&events), "--labels", text(&labels)];
    let said = shelf.fail(&[&args[..], &["--events", world, "--truth", truth], &LENIENT].concat());
    assert!(said.contains("reproduction  SHUT") && said.contains("the model was made from"), "{said}");
}

#[test]
fn a_promotion_that_review_approved_is_recorded_with_its_people() {
    let (lab, shelf) = (Lab::shared(), Shelf::new());
    let model = shelf.push(&lab.model);
    shelf.judge_by_copy(&model, &lab.model);
    let desk = Desk::with(Setup::default().and("sam", &["data_scientist"]).and("dee", &["lead"]));
    let wanted = json!({ "act": "promote_model", "model": model });
    let proposal = desk.command("sam", "POST", "/v1/proposals", Some(wanted)).json();
    let id = proposal["proposal_id"].as_str().unwrap();
    let token = shelf.folder.path().join("token");
    std::fs::write(&token, "token-of-sam\n").unwrap();
    let (url, promote) = (desk.url(""), ["promote", &model, "--to", "champion", "--by", "sam"]);
    let by_review = ["--proposal", id, "--review", url.trim_end_matches('/'), "--token-file", text(&token)];
    let args = [&promote[..], &by_review].concat();
    assert!(shelf.fail(&args).contains("is not approved, but \"waiting\""));
    let body = json!({ "content_hash": proposal["content_hash"] });
    let answer = desk.command("dee", "POST", &format!("/v1/proposals/{id}/approval"), Some(body));
    assert_eq!(answer.status, 200);
    let other = shelf.push(&another(shelf.folder.path(), &["--trees", "20"]));
    let said =
        shelf.fail(&[&["promote", &other, "--to", "champion", "--by", "sam"], &by_review[..]].concat());
    assert!(said.contains("is not to promote model"), "{said}");
    let moved: Value = serde_json::from_str(&shelf.succeed(&args)).unwrap();
    assert_eq!((&moved["by"], &moved["approved_by"]), (&json!("sam"), &json!("dee")));
    assert_eq!(moved["proposal"], json!(id));
}
