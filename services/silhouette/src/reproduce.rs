//! A flag, computed again.

use anyhow::{Context, bail};
use detect::{Flag, Settings};
use detector::{Log, Reproduced, flag_in_file, flag_on_topic, load_model, load_profile};
use platform::ModelStore;
use scorers::Model;
use serde_json::json;

use crate::args::ReproduceArgs;
use crate::serve::{self, configuration};
use crate::terminal::{count, data, say};

/// The most differences that are shown one by one.
const SHOWN_MAX: usize = 20;

pub(crate) fn run(args: &ReproduceArgs) -> anyhow::Result<()> {
    let progress = count("computing again");
    let tick = |n: u64| progress.set_position(n);
    let (flag, found) = match (&args.flags, &args.events, &args.model) {
        (Some(flags), Some(events), Some(model)) => {
            let settings = Settings { profile: load_profile(&args.profile)?, ..Settings::default() };
            let flag = flag_in_file(flags, &args.flag)?;
            let model = load_model(model, &settings.profile)?;
            let found = detector::reproduce(&flag, Log::File(events), (model, args.min_p), &settings, tick)?;
            (flag, found)
        }
        _ => from_topics(args, tick)?,
    };
    progress.finish_and_clear();
    tell(&flag, &found, args.json)
}

fn from_topics(args: &ReproduceArgs, tick: impl FnMut(u64)) -> anyhow::Result<(Flag, Reproduced)> {
    let config = configuration(args.config.as_deref())?;
    let profile = load_profile(&config.detect.profile)?;
    let mut flags = config.transport.reader(&config.topics.flags)?;
    let flag = flag_on_topic(flags.as_mut(), &args.flag)?;
    let model: Model = if config.detect.follow_registry {
        let store = ModelStore::open(&config.registry.directory, &config.registry.verifier)?;
        store.model(&flag.model, &detect::feature_schema(&profile))?.1
    } else {
        load_model(&config.detect.model, &profile)?
    };
    let settings = serve::settings(&config, profile);
    let log = Log::Topic(config.transport.reader(&config.topics.events)?, config.topics.encoding);
    let found = detector::reproduce(&flag, log, (model, settings.min_p), &settings.engine, tick)?;
    Ok((flag, found))
}

fn tell(flag: &Flag, found: &Reproduced, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let difference =
            |d: &detector::Difference| json!({ "at": d.at, "flagged": d.flagged, "computed": d.computed });
        data(&serde_json::to_string_pretty(&json!({
            "flag_id": flag.flag_id,
            "is_same": found.computed.is_some() && found.differences.is_empty(),
            "events": found.events,
            "score": flag.score,
            "computed_score": found.computed.as_ref().map(|computed| computed.score),
            "differences": found.differences.iter().map(difference).collect::<Vec<_>>(),
        }))?);
    } else {
        for difference in found.differences.iter().take(SHOWN_MAX) {
            let detector::Difference { at, flagged, computed } = difference;
            data(&format!("{at}: flagged with {flagged}, computed {computed}"));
        }
    }
    let computed = found.computed.as_ref().with_context(|| {
        format!(
            "the log of {} events gives no flag of the account at {} ms: it is not whole, or was not in this order",
            found.events, flag.ts
        )
    })?;
    if !found.differences.is_empty() {
        bail!("flag {} comes out otherwise in {} places", flag.flag_id, found.differences.len());
    }
    let bits = computed.score.to_bits();
    say(&format!("flag {} comes out to the bit: score {} ({bits:016x})", flag.flag_id, flag.score));
    Ok(())
}
