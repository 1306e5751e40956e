//! The one binary: the detector, the reviewer, the trainer, or all of them.
//!
//! Owns the command line and nothing else. Start reading at [`main`].

mod args;
mod bench;
mod demo;
mod files;
mod import;
mod serve;
mod simulate;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use platform::config::Faults;

use crate::args::{Cli, Command, ConfigCommand, ReviewCommand};
use crate::serve::configuration;
use crate::terminal::{data, say};

/// Runs the command that this process was started with.
///
/// 0 done, 1 failed, 2 wrong usage or configuration.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("silhouette: {error:#}"));
            let usage =
                error.is::<Faults>() || error.is::<::simulate::Error>() || error.is::<training::Error>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Import(command) => import::run(&command),
        Command::Produce(args) => files::produce(&args),
        Command::Detect(args) => match &args.events {
            Some(events) => files::detect(&args, events),
            None => serve::detect(&configuration(args.config.as_deref())?),
        },
        Command::Features(args) => files::features(&args),
        Command::Train(args) => files::train(&args),
        Command::Evaluate(args) => files::evaluate(&args),
        Command::Bench(command) => bench::run(&command),
        Command::Review(args) => match args.command {
            Some(ReviewCommand::Token { name }) => {
                serve::make_token(&name);
                Ok(())
            }
            None => serve::review(&configuration(args.config.as_deref())?),
        },
        Command::Config(ConfigCommand::Check(args)) => {
            configuration(args.config.as_deref())?;
            say("the configuration is sound");
            Ok(())
        }
        Command::Config(ConfigCommand::Show(args)) => {
            data(&configuration(args.config.as_deref())?.effective);
            Ok(())
        }
    }
}
