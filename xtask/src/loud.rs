//! What must not be overlooked: a box on stderr, bold on a terminal.

use std::io::IsTerminal;

const WIDTH: usize = 100;

/// Prints `lines` in a box, in bold where stderr is a terminal and `NO_COLOR` is unset or empty.
pub(crate) fn print(lines: &[String]) {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let text = boxed(lines);
    if colour { eprintln!("\x1b[1;33m{text}\x1b[0m") } else { eprintln!("{text}") }
}

fn boxed(lines: &[String]) -> String {
    let rule = "#".repeat(WIDTH);
    let body: String = lines.iter().map(|line| format!("#  {line}\n")).collect();
    format!("\n{rule}\n{body}{rule}")
}
