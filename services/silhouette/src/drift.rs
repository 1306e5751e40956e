//! Days that differ from those before them.

use detect::Settings;
use detector::{load_model, load_profile, wall_clock};
use platform::files;
use trainer::{DriftJob, DriftReport};

use crate::args::DriftArgs;
use crate::terminal::{count, data, say};

/// The most alarms of a day that are shown one by one.
const SHOWN_MAX: usize = 8;

pub(crate) fn run(args: &DriftArgs) -> anyhow::Result<()> {
    let settings = Settings { profile: load_profile(&args.profile)?, ..Settings::default() };
    let job = DriftJob {
        events: &args.events,
        model: load_model(&args.model, &settings.profile)?,
        from: args.from,
        until: args.until,
        accounts: usize::try_from(args.accounts)?,
        settings,
    };
    let progress = count("holding days against each other");
    let report = trainer::drift(&job, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    if let Some(metrics) = &args.metrics {
        files::write(metrics, &report.metrics()?)?;
    }
    if let Some(page) = &args.report {
        trainer::write_drift(page, &report)?;
        say(&format!("the report is {}", page.display()));
    }
    if args.json {
        data(&serde_json::to_string_pretty(&report)?);
    } else {
        data(&in_words(&report));
    }
    Ok(())
}

fn in_words(report: &DriftReport) -> String {
    let mut text = format!(
        "{} reference days; of {} numbers a day, alarms are raised below p = {:.1e}\n",
        report.reference_days, report.numbers, report.threshold
    );
    for day in &report.days {
        text += &format!(
            "{}  {} accounts, least p {:.1e}, {} alarms\n",
            trainer::date_of(day.day),
            day.rows,
            day.least_p,
            day.alarms.len()
        );
        for alarm in day.alarms.iter().take(SHOWN_MAX) {
            let unlike = format!("{:?}", alarm.unlike).to_lowercase();
            text += &format!(
                "    {:<34} {unlike:<8} usual {:.4}, found {:.4}, p {:.1e}\n",
                alarm.column, alarm.usual, alarm.found, alarm.p
            );
        }
    }
    text.trim_end().to_owned()
}
