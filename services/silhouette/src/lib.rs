//! The one binary: the detector, the reviewer, the trainer, or all of them.
//!
//! Owns the command line and nothing else. Start reading at [`main`].

mod args;
mod audit;
mod bench;
mod demo;
mod drift;
mod files;
mod import;
mod models;
mod policy;
mod reproduce;
mod rings;
mod serve;
mod simulate;
mod terminal;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use platform::config::Faults;

use crate::args::{Cli, Command, ConfigCommand, ReviewCommand};
use crate::serve::configuration;
use crate::terminal::{data, say};

/// State is read at random, and pages of 2 MiB spare a part of each read: `.cargo/config.toml` has the allocator ask for
/// them.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
        Command::Models(command) => models::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Drift(args) => drift::run(&args),
        Command::Reproduce(args) => reproduce::run(&args),
        Command::Rings(command) => rings::run(&command),
        Command::Bench(command) => bench::run(&command),
        Command::Review(args) => match args.command {
            Some(ReviewCommand::Token { name, role }) => serve::make_token(&name, &role),
            Some(ReviewCommand::Roles) => {
                audit::list_roles();
                Ok(())
            }
            None => serve::review(&configuration(args.config.as_deref())?),
        },
        Command::Audit(command) => audit::run(&command),
        Command::Config(ConfigCommand::Check(args)) => {
            let config = configuration(args.config.as_deref())?;
            detector::load_profile(&config.detect.profile).context("detect.profile")?;
            say("the configuration is sound");
            Ok(())
        }
        Command::Config(ConfigCommand::Show(args)) => {
            data(&configuration(args.config.as_deref())?.effective);
            Ok(())
        }
    }
}
