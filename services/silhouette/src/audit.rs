//! The audit log of review, checked; and who may do what.

use anyhow::{Context, bail};
use reviewer::audit::{Notary, Verifier, verify_database};
use reviewer::roles;

use crate::args::AuditCommand;
use crate::terminal::{data, say};

/// The most findings that are shown one by one.
const SHOWN_MAX: usize = 20;

pub(crate) fn run(command: &AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Key { file } => {
            data(&Notary::open(file)?.verifier().to_string());
            Ok(())
        }
        AuditCommand::Verify { database, verifier, witness } => {
            let verifier = Verifier::parse(verifier).context("--verifier is no public key of a log")?;
            let read = |file: &std::path::PathBuf| {
                let text = std::fs::read_to_string(file);
                text.with_context(|| format!("could not read the note in {}", file.display()))
            };
            let witnessed: Vec<String> = witness.iter().map(read).collect::<anyhow::Result<_>>()?;
            let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
            let report = runtime.block_on(verify_database(database, &verifier, &witnessed))?;
            for finding in report.findings.iter().take(SHOWN_MAX) {
                data(&format!("{}: {}", finding.at, finding.fault));
            }
            let counted = format!("{} entries and {} signed notes", report.entries, report.checkpoints);
            if !report.findings.is_empty() {
                bail!(
                    "the audit log is not as it was written: {} findings in {counted}",
                    report.findings.len()
                );
            }
            say(&format!("the audit log is whole: {counted}"));
            if witnessed.is_empty() {
                say("no note from elsewhere was given, so a log that was cut back would look the same");
            }
            Ok(())
        }
    }
}

/// Every role that is shipped, with what each permission allows.
pub(crate) fn list_roles() {
    data(roles::SHIPPED.trim_end());
    data("\n# Permissions:");
    for permission in review::Permission::ALL {
        data(&format!("#   {:18} {}", permission.as_str(), permission.sentence()));
    }
}
