//! What somebody may have meant who misspelt a word.

/// Likeness from which a word may be meant, 0 to 1.
const LIKE: f64 = 0.8;

/// The likeliest of the words that are known, where one is like enough.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |known: &str| strsim::jaro_winkler(word, known);
    let best = known.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) >= LIKE).then_some(best)
}

/// The same as the end of a sentence: nothing, where no word is like enough.
pub(super) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    meant(word, known).map_or_else(String::new, |known| format!(" (did you mean {known}?)"))
}

/// The same for what a reader of TOML says: the unknown word comes first between backticks, then those that are known.
pub(super) fn hint_in(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (true, Some(word)) = (message.starts_with("unknown "), quoted.next()) else { return String::new() };
    hint(word, quoted)
}

#[cfg(test)]
mod tests {
    use crate::Scenario;

    #[track_caller]
    fn says(text: &str, parts: &[&str]) {
        let error = Scenario::parse(text).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }

    #[test]
    fn a_misspelt_key_is_shown_with_its_place_and_what_was_meant() {
        says("name = \"x\"\n\n[abuse]\npaec = 2.0\n", &["line 4, column 1", "paec", "did you mean pace?"]);
        says("[popluation]\nminor_share = 0.1\n", &["line 1", "did you mean population?"]);
        says("[population]\nminors = 0.1\n", &["line 2", "unknown field `minors`", "did you mean minor_"]);
        says("[calendar]\nseason = \"holiday\"\n", &["line 2", "did you mean holidays?"]);
        says("[[drift]]\nday = 1\nfoccus = 0.5\n", &["line 3", "did you mean focus?"]);
    }

    #[test]
    fn what_is_no_number_or_no_toml_is_shown_with_its_place() {
        says("[abuse]\nshare = \"many\"\n", &["line 2, column 9", "expected f64"]);
        says("[abuse]\nshare = = 1\n", &["line 2"]);
    }

    #[test]
    fn a_misspelt_kind_is_shown_with_what_was_meant() {
        let mut scenario = Scenario::default();
        scenario.abuse.archetypes.insert("scatergun".to_owned(), 1.0);
        scenario.look_alikes.shares.insert("teachers".to_owned(), 0.01);
        let faults = scenario.faults();
        assert!(faults.iter().any(|fault| fault.contains("did you mean scattergun?")), "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("did you mean teacher?")), "{faults:?}");
    }
}
