use super::*;

fn lines_of(path: &Path) -> Vec<Vec<u8>> {
    let mut lines = Lines::open(path).unwrap();
    let mut found = Vec::new();
    while let Some(line) = lines.next_line().unwrap() {
        found.push(line.to_vec());
    }
    found
}

#[test]
fn lines_are_read_back_plain_and_compressed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.jsonl", "a.jsonl.zst"] {
        let path = folder.path().join("new").join(name);
        let mut output = Output::create(&path).unwrap();
        output.line("one").unwrap();
        output.line("").unwrap();
        output.line("three").unwrap();
        assert!(!path.exists(), "a file under way is not there");
        output.finish().unwrap();
        assert_eq!(lines_of(&path), [&b"one"[..], b"", b"three"]);
    }
}

#[test]
fn a_last_line_needs_no_newline_and_a_long_one_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let long = vec![b'x'; 200_000];
    std::fs::write(&path, [&long[..], b"\nend"].concat()).unwrap();
    let lines = lines_of(&path);
    assert_eq!(lines[0].len(), 65_536);
    assert_eq!(lines[1], b"end");
}

#[test]
fn a_missing_file_is_named() {
    let error = Lines::open(Path::new("/nonexistent/a")).unwrap_err();
    assert_eq!(error.to_string(), "could not open /nonexistent/a");
}
