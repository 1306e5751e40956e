//! A request that changes something: its fields, its precondition, its idempotency key; and its answer, which is kept
//! with the effect.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use events::Millis;
use serde::Serialize;
use serde_json::{Map, Value};

use super::App;
use super::accept::JSON;
use super::guard::Written;
use super::problem::{Kind, Problem};
use super::request::{Body, Part};
use crate::asking::Asking;
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

impl FromRequest<App> for Command {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &App) -> Result<Self, Problem> {
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
            now: state.now(),
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

    /// A field that must hold something of this kind.
    pub(super) fn part<P: Part>(&self, field: &str) -> Result<P, Problem> {
        let found = match self.fields.get(field) {
            Some(value) => P::read(value),
            None => P::absent(),
        };
        found.ok_or_else(|| Problem::new(Kind::InvalidBody).at(format!("/{field}"), P::EXPECTED))
    }

    /// The whole body, and no other field.
    pub(super) fn body<B: Body>(&self) -> Result<B, Problem> {
        B::read(self)
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

    /// Does what is asked and makes it durable, together with its answer where the command has a key. A command that
    /// was done before, with the same key, is answered as it was then, and nothing is done.
    pub(super) async fn run<T: Serialize + Send + Sync>(
        &self,
        app: &App,
        act: impl AsyncFnOnce(&mut Unit) -> Result<Done<T>, Problem>,
    ) -> Result<Response, Problem> {
        let mut unit = app.store().write().await?;
        if let Some(answer) = self.replay(&mut unit).await? {
            return Ok(answer);
        }
        let Done { status, etag, body } = act(&mut unit).await?;
        let body = body.as_ref().map(serde_json::to_string).transpose();
        let kept = Remembered {
            fingerprint: self.fingerprint.clone(),
            status: status.as_u16(),
            etag: etag.map(|version| format!("\"{version}\"")),
            body: body.map_err(|_| Problem::new(Kind::Internal))?.unwrap_or_default(),
        };
        if let Some(key) = &self.key {
            unit.remember(&self.asking.name, key, &kept, self.now).await?;
        }
        let is_recorded = unit.has_entries();
        unit.commit().await?;
        let mut response = answer(&kept)?;
        if is_recorded {
            response.extensions_mut().insert(Written);
        }
        Ok(response)
    }

    /// The answer that this command was given before, where its key was used before.
    async fn replay(&self, unit: &mut Unit) -> Result<Option<Response>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        match unit.recall(&self.asking.name, key, self.now).await? {
            None => Ok(None),
            Some(kept) if kept.fingerprint == self.fingerprint => Ok(Some(answer(&kept)?)),
            Some(_) => Err(Problem::new(Kind::KeyReused)),
        }
    }
}

/// What a command came to.
pub(super) struct Done<T> {
    status: StatusCode,
    etag: Option<u32>,
    body: Option<T>,
}

impl<T> Done<T> {
    /// It is done, and this is how things are now.
    pub(super) fn with(body: T) -> Self {
        Self { status: StatusCode::OK, etag: None, body: Some(body) }
    }

    /// Something new was made.
    pub(super) fn made(body: T) -> Self {
        Self { status: StatusCode::CREATED, ..Self::with(body) }
    }

    /// Nothing is to be told.
    pub(super) fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, etag: None, body: None }
    }

    /// The same with another status.
    pub(super) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with the version of the case that it is about.
    pub(super) fn tagged(self, version: u32) -> Self {
        Self { etag: Some(version), ..self }
    }
}

/// What a command came to that tells nothing.
pub(super) type Nothing = Done<()>;

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
