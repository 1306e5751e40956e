//! The program itself, under a name of its own: cargo tells a test where only its own package's programs are.

fn main() -> std::process::ExitCode {
    silhouette::main()
}
