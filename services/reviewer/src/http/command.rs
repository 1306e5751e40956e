//! A request that changes something: its fields, its precondition, its idempotency key; and its answer, which is kept
//! with the effect.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use events::Millis;
use serde::Serialize;
use serde_json::{Map, Value};

use super::accept::JSON;
use super::guard::Written;
use super::problem::{Kind, Problem};
use crate::asking::Asking;
use crate::clock;
use crate::store::{Remembered, Unit};

const KEY: &str = "idempotency-key";

/// A request that changes something.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) asking: Asking,
    pub(super) now: Millis,
    headers: HeaderMap,
    fields: Map<String, Value>,
    key: Option<String>,
    fingerprint: String,
}

impl<S: Send + Sync> FromRequest<S> for Command {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let asking = request.extensions().get::<Asking>().cloned();
        let asking = asking.ok_or_else(|| Problem::new(Kind::Unauthenticated))?;
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state).await.map_err(|_| Problem::new(Kind::BadRequest))?;
        let precondition = headers.get(header::IF_MATCH).map_or(&[][..], HeaderValue::as_bytes);
        let mut hasher = blake3::Hasher::new();
        for part in [method.as_str().as_bytes(), path.as_bytes(), precondition, &body] {
            hasher.update(&part.len().to_le_bytes()).update(part);
        }
        Ok(Self {
            asking,
            now: clock::now(),
            fields: object(&headers, &body)?,
            key: key(&headers)?,
            headers,
            fingerprint: hasher.finalize().to_hex().to_string(),
        })
    }
}

/// The key that a client gives a command, so that sending it again changes nothing.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let text = value.to_str().unwrap_or("");
    let is_key = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_key {
        let what = "Idempotency-Key must be 1 to 64 letters, digits, dashes and underscores";
        return Err(Problem::new(Kind::BadParameter).because(what));
    }
    Ok(Some(text.to_owned()))
}

/// The body as a JSON object; an absent body is an empty one. Its text is never repeated, only where in it the fault
/// lies.
fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Problem> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    if !media_type.eq_ignore_ascii_case(JSON) {
        return Err(Problem::new(Kind::UnsupportedMediaType).because(format!("this route reads {JSON}")));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::new(Kind::InvalidBody).at(String::new(), "the body must be an object")),
        Err(error) => {
            let at = format!("not JSON at line {}, column {}", error.line(), error.column());
            Err(Problem::new(Kind::MalformedBody).because(at))
        }
    }
}

impl Command {
    /// Refuses a body with any other field, so that nothing is sent that nobody reads.
    pub(super) fn only(&self, known: &[&str], kind: Kind) -> Result<(), Problem> {
        if self.fields.keys().all(|field| known.contains(&field.as_str())) {
            return Ok(());
        }
        let what = "a field is not read by this route; there is no room for text";
        Err(Problem::new(kind).at(String::new(), what))
    }

    /// A field's word. What is no string counts as a word that nobody knows: it is there, and not one of the choices.
    pub(super) fn word(&self, field: &str) -> Option<&str> {
        self.fields.get(field).filter(|value| !value.is_null()).map(|value| value.as_str().unwrap_or(""))
    }

    /// A field that must hold one of a closed set of words, or a name of some shape.
    pub(super) fn choice<T>(
        &self,
        field: &str,
        parse: impl Fn(&str) -> Option<T>,
        expected: &'static str,
    ) -> Result<T, Problem> {
        let found = self.word(field).and_then(parse);
        found.ok_or_else(|| Problem::new(Kind::InvalidBody).at(format!("/{field}"), expected))
    }

    /// A field that must hold a whole number from 0.
    pub(super) fn number(&self, field: &str, expected: &'static str) -> Result<u64, Problem> {
        // JSON has one kind of number: 7 and 7.0 are the same.
        let whole = |value: &Value| value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n));
        let number = |value: &Value| value.as_u64().or_else(|| format!("{:.0}", whole(value)?).parse().ok());
        let found = self.fields.get(field).and_then(number);
        found.ok_or_else(|| Problem::new(Kind::InvalidBody).at(format!("/{field}"), expected))
    }

    /// The version in `If-Match`; none where any version will do. A weak tag matches no version.
    pub(super) fn if_match(&self) -> Result<Option<u32>, Problem> {
        let value = self.headers.get(header::IF_MATCH).ok_or_else(|| {
            Problem::new(Kind::PreconditionRequired)
                .because("send If-Match with the ETag of the case as it was read")
        })?;
        let tag = value.to_str().unwrap_or("").trim();
        if tag == "*" {
            return Ok(None);
        }
        let digits = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let version = digits.and_then(|digits| digits.parse().ok());
        version
            .map(Some)
            .ok_or_else(|| Problem::new(Kind::CaseChanged).because("that is not the case's ETag"))
    }

    /// The answer that this command was given before, where its key was used before.
    pub(super) async fn replay(&self, unit: &mut Unit) -> Result<Option<Response>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        match unit.recall(&self.asking.name, key, self.now).await? {
            None => Ok(None),
            Some(kept) if kept.fingerprint == self.fingerprint => Ok(Some(answer(&kept)?)),
            Some(_) => Err(Problem::new(Kind::KeyReused)),
        }
    }

    /// Makes the command's effect durable, together with its answer where it has a key.
    pub(super) async fn finish(
        &self,
        mut unit: Unit,
        (status, etag): (StatusCode, Option<u32>),
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Response, Problem> {
        let body = body.map(serde_json::to_string).transpose().map_err(|_| Problem::new(Kind::Internal))?;
        let kept = Remembered {
            fingerprint: self.fingerprint.clone(),
            status: status.as_u16(),
            etag: etag.map(|version| format!("\"{version}\"")),
            body: body.unwrap_or_default(),
        };
        if let Some(key) = &self.key {
            unit.remember(&self.asking.name, key, &kept, self.now).await?;
        }
        unit.commit().await?;
        let mut response = answer(&kept)?;
        response.extensions_mut().insert(Written);
        Ok(response)
    }
}

/// An answer as it was kept.
fn answer(kept: &Remembered) -> Result<Response, Problem> {
    let internal = |_| Problem::new(Kind::Internal);
    let status = StatusCode::from_u16(kept.status).map_err(|_| Problem::new(Kind::Internal))?;
    let mut response = (status, kept.body.clone()).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if !kept.body.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    }
    if let Some(etag) = &kept.etag {
        headers.insert(header::ETAG, HeaderValue::try_from(etag).map_err(internal)?);
    }
    Ok(response)
}
