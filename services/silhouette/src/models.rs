//! The registry of models, on the command line.

mod args;

use anyhow::{Context, bail};
use client::Client;
use detector::{load_profile, wall_clock};
use platform::{ModelStore, ModelWriter};
use registry::{Consent, Entry, Gates, History, Move, Refused};
use serde_json::{Value, json};
use trainer::{Again, JudgeJob};

use crate::models::args::{Aim, JudgeArgs, Keyed, Registry, Review};
use crate::terminal::{count, data, say};

pub(crate) use args::ModelsCommand;

pub(crate) fn run(command: &ModelsCommand) -> anyhow::Result<()> {
    match command {
        ModelsCommand::Push { directory, by, profile, to } => {
            let profile = load_profile(profile)?;
            let entry = trainer::register(&writer(to)?, directory, (by, &profile), wall_clock())?;
            data(&entry.model);
            say(&format!("model {} is registered in {}", entry.model, to.registry.display()));
            Ok(())
        }
        ModelsCommand::List { json, of } => list(&store(of)?, *json),
        ModelsCommand::Show { model, file, of } => show(&store(of)?, model, file.as_deref()),
        ModelsCommand::Pull { model, out, of } => {
            let store = store(of)?;
            let model = resolve(&store.history()?, model)?;
            let entry = trainer::fetch(&store, &model, out)?;
            say(&format!("model {} is in {}", entry.model, out.display()));
            Ok(())
        }
        ModelsCommand::Judge(args) => judge(args),
        ModelsCommand::Promote { model, to, by, approved_by, review, of } => {
            let consent = consent(by, approved_by.as_deref(), review, model)?;
            promote(&writer(of)?, model, *to, &consent)
        }
        ModelsCommand::Rollback { by, of } => alone(&writer(of)?, by, History::rollback),
        ModelsCommand::Lift { by, of } => alone(&writer(of)?, by, History::lift),
        ModelsCommand::Export { mlflow, of } => {
            let models = trainer::export_mlflow(&store(of)?, mlflow)?;
            say(&format!("{models} models are in {}", mlflow.display()));
            Ok(())
        }
        ModelsCommand::Verify { of } => verify(&store(of)?),
    }
}

fn store(of: &Registry) -> anyhow::Result<ModelStore> {
    Ok(ModelStore::open(&of.registry, &of.verifier)?)
}

fn writer(of: &Keyed) -> anyhow::Result<ModelWriter> {
    Ok(ModelWriter::open(&of.registry, &of.key)?)
}

/// The model that a name stands for.
fn resolve(history: &History, name: &str) -> anyhow::Result<String> {
    let alias = match name {
        "champion" => history.champion(),
        "challenger" => history.challenger().map(|challenger| challenger.model.as_str()),
        id => return Ok(id.to_owned()),
    };
    Ok(alias.with_context(|| format!("there is no {name}"))?.to_owned())
}

/// What a model is at the moment, in a word.
fn standing(history: &History, model: &str) -> String {
    match history.challenger() {
        _ if history.champion() == Some(model) => "champion".to_owned(),
        Some(challenger) if challenger.model == model && challenger.percent == 0 => "shadow".to_owned(),
        Some(challenger) if challenger.model == model => format!("{}%", challenger.percent),
        _ => String::new(),
    }
}

fn list(store: &ModelStore, as_json: bool) -> anyhow::Result<()> {
    let history = store.history()?;
    let entries = store.models()?.iter().map(|model| store.entry(model)).collect::<Result<Vec<_>, _>>();
    let mut entries = entries?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    if as_json {
        let with_standing = |entry: &Entry| -> anyhow::Result<Value> {
            let mut value = serde_json::to_value(entry)?;
            value["standing"] = json!(standing(&history, &entry.model));
            Ok(value)
        };
        let all = entries.iter().map(with_standing).collect::<anyhow::Result<Vec<_>>>()?;
        data(&serde_json::to_string_pretty(&json!({
            "models": all,
            "champion": history.champion(),
            "challenger": history.challenger(),
            "moves": history.moves(),
        }))?);
        return Ok(());
    }
    data(&format!(
        "{:<18}{:<10}{:<10}{:<12}{:>18}  by",
        "model", "standing", "family", "profile", "avg precision"
    ));
    for entry in entries {
        let precision = entry.metrics.get("average_precision").copied().flatten();
        let precision = precision.map_or_else(|| "–".to_owned(), |p| format!("{p:.3}"));
        data(&format!(
            "{:<18}{:<10}{:<10}{:<12}{precision:>18}  {}",
            entry.model,
            standing(&history, &entry.model),
            entry.family,
            entry.profile,
            entry.by
        ));
    }
    Ok(())
}

fn show(store: &ModelStore, name: &str, file: Option<&str>) -> anyhow::Result<()> {
    let history = store.history()?;
    let model = resolve(&history, name)?;
    let entry = store.entry(&model)?;
    if let Some(file) = file {
        let text = String::from_utf8(store.file(&entry, file)?).context("it is no text")?;
        data(text.trim_end());
        return Ok(());
    }
    let names = |moved: &&Move| {
        let challenger = moved.challenger.as_ref().map(|challenger| &challenger.model);
        moved.champion.as_ref() == Some(&model) || challenger == Some(&model)
    };
    let moves: Vec<&Move> = history.moves().iter().filter(names).collect();
    data(&serde_json::to_string_pretty(&json!({
        "entry": entry,
        "standing": standing(&history, &model),
        "gates": store.gates(&model)?,
        "moves": moves,
    }))?);
    Ok(())
}

fn judge(args: &JudgeArgs) -> anyhow::Result<()> {
    let again = match (&args.trained_on, &args.labels, &args.trained_again) {
        (Some(events), Some(labels), None) => Again::Trained(events, labels, args.left_out.as_deref()),
        (None, None, Some(directory)) => Again::Elsewhere(directory),
        _ => bail!("name --trained-on and --labels, or --trained-again"),
    };
    let job = JudgeJob {
        model: &args.model,
        events: &args.events,
        truth: &args.truth,
        capacity: args.capacity,
        from: args.from,
        calibration_error_max: args.calibration_error_max,
        again,
        profile: load_profile(&args.profile)?,
    };
    let progress = count("training again and evaluating");
    let gates = trainer::judge(&writer(&args.of)?, &job, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    data(&in_words(&gates));
    let shut: Vec<&str> = gates.failed().map(|gate| gate.name.as_str()).collect();
    if !shut.is_empty() {
        bail!("model {} did not pass: {}", args.model, shut.join(", "));
    }
    Ok(())
}

fn in_words(gates: &Gates) -> String {
    let line = |gate: &registry::Gate| {
        format!("{:<14}{:<6}{}", gate.name, if gate.passed { "open" } else { "SHUT" }, gate.said)
    };
    gates.gates.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Who moves and who agreed; where it was in review, as review says.
fn consent(by: &str, approved_by: Option<&str>, review: &Review, model: &str) -> anyhow::Result<Consent> {
    let approved_by = approved_by.map(str::to_owned);
    let plain = Consent { by: by.to_owned(), approved_by, proposal: None, at: wall_clock() };
    let (Some(proposal), Some(url), Some(token)) = (&review.proposal, &review.review, &review.token_file)
    else {
        return Ok(plain);
    };
    let token = std::fs::read_to_string(token)
        .with_context(|| format!("could not read the token in {}", token.display()))?;
    let found: Value = Client::new(url, token.trim()).read(&format!("/v1/proposals/{proposal}"))?;
    let expected = format!("promote_model {model}");
    if found["content"] != json!(expected) || found["act"] != "promote_model" {
        bail!("proposal {proposal} is not to promote model {model}");
    }
    if found["status"] != "approved" {
        bail!("proposal {proposal} is not approved, but {}", found["status"]);
    }
    let name =
        |key: &str| found[key].as_str().map(str::to_owned).with_context(|| format!("review names no {key}"));
    let (by, approved_by) = (name("proposed_by")?, Some(name("settled_by")?));
    Ok(Consent { by, approved_by, proposal: Some(proposal.clone()), ..plain })
}

fn promote(writer: &ModelWriter, model: &str, to: Aim, consent: &Consent) -> anyhow::Result<()> {
    let (history, entry) = (writer.store().history()?, writer.store().entry(model)?);
    let judged = writer.store().gates(model)?;
    let of = (model, entry.by.as_str());
    let moved = match to {
        Aim::Shadow => history.shadow(model, consent)?,
        Aim::Share(percent) => history.share(of, percent, judged.as_ref(), consent)?,
        Aim::Champion => history.promote(of, judged.as_ref(), consent)?,
    };
    append(writer, &moved)
}

/// Makes a move that one person may make.
fn alone(
    writer: &ModelWriter,
    by: &str,
    next: impl Fn(&History, &Consent) -> Result<Move, Refused>,
) -> anyhow::Result<()> {
    let consent = Consent { by: by.to_owned(), at: wall_clock(), ..Consent::default() };
    append(writer, &next(&writer.store().history()?, &consent)?)
}

fn append(writer: &ModelWriter, moved: &Move) -> anyhow::Result<()> {
    writer.append(moved)?;
    data(&serde_json::to_string(moved)?);
    let champion = moved.champion.as_deref().unwrap_or("none");
    say(&match &moved.challenger {
        None => format!("champion {champion}, no challenger"),
        Some(challenger) if challenger.percent == 0 => {
            format!("champion {champion}, challenger {} in shadow", challenger.model)
        }
        Some(challenger) => format!(
            "champion {champion}, challenger {} for {} of 100 accounts",
            challenger.model, challenger.percent
        ),
    });
    Ok(())
}

fn verify(store: &ModelStore) -> anyhow::Result<()> {
    let (findings, models, moves) = trainer::verify(store)?;
    findings.iter().for_each(|finding| data(finding));
    if !findings.is_empty() {
        bail!("the registry is not as it was written: {} findings", findings.len());
    }
    say(&format!("the registry is whole: {models} models and {moves} moves"));
    Ok(())
}
