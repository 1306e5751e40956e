//! Rust as the compiler's lexer sees it: the paths that a file names and the functions that it defines, also
//! inside macros; never what stands in comments and strings.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::anyhow;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What tidy wants to know of one file.
#[derive(Default)]
pub(super) struct Rust {
    /// Every path outside `#[cfg(test)]`, with imported names written out.
    pub(super) paths: Vec<Named>,
    /// Every function that has a body.
    pub(super) functions: Vec<Function>,
    /// Every call, by the last name before the parenthesis.
    pub(super) calls: Vec<Named>,
}

/// Something named at a line.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) line: usize,
}

/// A function with a body.
pub(super) struct Function {
    pub(super) name: String,
    /// Where `fn` stands.
    pub(super) line: usize,
    /// From `fn` to the closing brace.
    pub(super) lines: usize,
}

impl Rust {
    /// Reads one file's text.
    ///
    /// # Errors
    /// Where the text cannot be split into tokens.
    pub(super) fn read(text: &str) -> anyhow::Result<Rust> {
        let stream = TokenStream::from_str(text).map_err(|error| anyhow!("{error}"))?;
        let mut reader = Reader::default();
        reader.read(stream, &Place::default());
        let Reader { mut rust, imports } = reader;
        for path in &mut rust.paths {
            path.name = written_out(&path.name, &imports);
        }
        Ok(rust)
    }
}

/// The path with its first name replaced by what was imported under that name.
fn written_out(path: &str, imports: &BTreeMap<String, String>) -> String {
    let (first, rest) = path.split_once("::").unwrap_or((path, ""));
    match imports.get(first) {
        Some(origin) if rest.is_empty() => origin.clone(),
        Some(origin) => format!("{origin}::{rest}"),
        None => path.to_string(),
    }
}

/// Where a run of tokens stands.
#[derive(Clone, Default)]
struct Place {
    in_tests: bool,
    in_use: bool,
    /// The path before a brace, as `std::` in `use std::{fs, io}`.
    prefix: Vec<String>,
}

#[derive(Default)]
struct Reader {
    rust: Rust,
    /// Imported name to what it stands for.
    imports: BTreeMap<String, String>,
}

impl Reader {
    fn read(&mut self, stream: TokenStream, outer: &Place) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut place = outer.clone();
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i] {
                TokenTree::Group(group) => {
                    if is_cfg_test(&tokens[..i], group) {
                        place.in_tests = true;
                    }
                    let inner = Place { prefix: vec![], in_use: false, ..place.clone() };
                    self.read(group.stream(), &inner);
                    if group.delimiter() == Delimiter::Brace {
                        place = outer.clone();
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => place = outer.clone(),
                TokenTree::Ident(ident) if ident == "use" => place.in_use = true,
                TokenTree::Ident(ident) if ident == "fn" => self.function(&tokens[i..]),
                TokenTree::Ident(_) => i = self.path(&tokens, i, &place),
                _ => {}
            }
            i += 1;
        }
    }

    /// Reads the path that begins at `tokens[start]`; the index of its last token.
    fn path(&mut self, tokens: &[TokenTree], start: usize, place: &Place) -> usize {
        let line = tokens[start].span().start().line;
        let mut names = place.prefix.clone();
        names.push(tokens[start].to_string());
        let mut end = start;
        while is_separator(&tokens[end + 1..]) {
            match tokens.get(end + 3) {
                Some(TokenTree::Ident(ident)) => names.push(ident.to_string()),
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => names.push("*".into()),
                Some(TokenTree::Group(group)) if place.in_use => {
                    self.read(group.stream(), &Place { prefix: names, ..place.clone() });
                    return end + 3;
                }
                _ => break,
            }
            end += 3;
        }
        if place.in_use && self.import(&mut names, tokens.get(end + 1..end + 3)) {
            end += 2;
        }
        if is_call(tokens.get(end + 1)) {
            self.rust.calls.extend(names.last().map(|name| Named { name: name.clone(), line }));
        }
        if !place.in_tests {
            self.rust.paths.push(Named { name: names.join("::"), line });
        }
        end
    }

    /// Remembers what a leaf of a `use` brings into scope. Returns whether `after` renames it.
    fn import(&mut self, names: &mut Vec<String>, after: Option<&[TokenTree]>) -> bool {
        if names.last().is_some_and(|name| name == "self") {
            names.pop();
        }
        let renamed = match after {
            Some([TokenTree::Ident(word), TokenTree::Ident(name)]) if word == "as" => Some(name.to_string()),
            _ => None,
        };
        let is_renamed = renamed.is_some();
        let name = renamed.or_else(|| names.last().cloned());
        self.imports.extend(name.map(|name| (name, names.join("::"))));
        is_renamed
    }

    /// Notes the function whose `fn` is `tokens[0]`, unless it is a pointer type or has no body.
    fn function(&mut self, tokens: &[TokenTree]) {
        let Some(TokenTree::Ident(name)) = tokens.get(1) else { return };
        for token in tokens {
            match token {
                TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                    let (line, end) = (tokens[0].span().start().line, body.span_close().end().line);
                    let function = Function { name: name.to_string(), line, lines: end - line + 1 };
                    return self.rust.functions.push(function);
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => return,
                _ => {}
            }
        }
    }
}

/// Whether what follows a path is a parenthesis.
fn is_call(after: Option<&TokenTree>) -> bool {
    matches!(after, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

/// Whether these tokens begin with `::`.
fn is_separator(tokens: &[TokenTree]) -> bool {
    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    matches!(tokens, [first, second, ..] if colon(first) && colon(second))
}

/// Whether this group, with the `#` before it, is `#[cfg(test)]`.
fn is_cfg_test(before: &[TokenTree], group: &proc_macro2::Group) -> bool {
    let hash = matches!(before.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
    hash && group.stream().to_string().split_whitespace().collect::<String>() == "cfg(test)"
}
