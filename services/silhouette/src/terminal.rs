//! What a person sees: data on standard output, messages and progress on standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one place that speaks to a terminal")]

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Prints data.
pub(crate) fn data(text: &str) {
    println!("{text}");
}

/// Prints a message.
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

/// Progress of something whose end is known; invisible where standard error is no terminal.
pub(crate) fn bar(what: &str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length).with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{msg:34} {wide_bar} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Progress of something whose end is not known, in events.
pub(crate) fn count(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_message(what);
    if let Ok(style) =
        ProgressStyle::with_template("{msg:34} {spinner} {human_pos} events {elapsed} ({per_sec})")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
