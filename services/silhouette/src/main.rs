//! The program; everything in it is in the library, so that tests can start it too.

fn main() -> std::process::ExitCode {
    silhouette::main()
}
