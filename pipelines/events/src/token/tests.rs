use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

use proptest::prelude::*;

use super::*;

/// Mostly token characters, now and then another; of lengths on both sides of every limit.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[A-Za-z0-9_-]{10,70}",
        1 => "[A-Za-z0-9_-]{15,40}[ -~é][A-Za-z0-9_-]{0,30}",
        1 => "[A-Za-z0-9_-]{0,20}\\PC[A-Za-z0-9_-]{0,50}",
    ]
}

fn is_token(text: &str) -> bool {
    (16..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_token_is_its_text(text in text(), other in text()) {
        let token = Token::try_from(text.as_str());
        prop_assert_eq!(token.is_ok(), is_token(&text));
        let (Ok(token), Ok(other)) = (token, Token::try_from(other.as_str())) else { return Ok(()) };
        prop_assert_eq!(token.as_str(), text.as_str());
        prop_assert_eq!(token.as_bytes(), text.as_bytes());
        prop_assert_eq!(&token.to_string(), &text);
        prop_assert_eq!(serde_json::to_string(&token).unwrap(), format!("\"{text}\""));
        prop_assert_eq!(token.cmp(&other), token.as_str().cmp(other.as_str()));
        prop_assert_eq!(token == other, token.as_str() == other.as_str());
        let state = RandomState::new();
        prop_assert_eq!(state.hash_one(&token), state.hash_one(token.as_str()));
        prop_assert_eq!(token.clone(), token);
    }
}

#[test]
fn every_length_is_held() {
    let tokens: BTreeSet<Token> =
        (0..=80).filter_map(|n| Token::try_from("x".repeat(n).as_str()).ok()).collect();
    let lengths: Vec<usize> = tokens.iter().map(|t| t.as_str().len()).collect();
    assert_eq!(lengths, (16..=64).collect::<Vec<_>>());
}

#[test]
fn every_byte_is_judged_in_every_place() {
    for length in [16, 17, 32, 39, 40, 64] {
        for at in 0..length {
            for byte in 0..=255_u8 {
                let mut text = vec![b'a'; length];
                text[at] = byte;
                let is_token = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
                assert_eq!(Token::from_bytes(&text).is_some(), is_token, "{byte} at {at} of {length}");
            }
        }
    }
}

#[test]
fn a_map_of_tokens_is_asked_with_text() {
    let uuid = "0190a000-0000-7000-8000-000000000001";
    let long = "x".repeat(64);
    let map: HashMap<Token, usize> =
        [uuid, &long].into_iter().enumerate().map(|(i, t)| (Token::try_from(t).unwrap(), i)).collect();
    assert_eq!((map.get(uuid), map.get(long.as_str()), map.get("0190a000")), (Some(&0), Some(&1), None));
}

#[test]
fn a_token_takes_forty_bytes_there_or_not() {
    assert_eq!((size_of::<Token>(), size_of::<Option<Token>>()), (40, 40));
}
