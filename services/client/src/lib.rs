//! Review for other programs: its API as functions.
//!
//! Holds a token and a connection, and nothing of what it reads. Must never decide anything by itself. Start reading at
//! [`Client`]. The same for TypeScript, generated from the service's own document, is in `typescript/`.

mod bodies;
mod events;

use std::io::Read;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, Response, StatusCode, header};
use ureq::{Agent, Body};

pub use bodies::{
    Case, CaseSummary, Decided, Finding, InHand, Labels, Me, Page, Problem, Proposal, Queue, Settled,
};
pub use events::Events;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service refused, and says why.
    #[error("review refused: {0}")]
    Refused(Problem),
    /// The service could not be reached, or did not answer in time.
    #[error("review could not be reached")]
    Unreachable(#[source] Box<ureq::Error>),
    /// The answer is not what the document says.
    #[error("review answered what its document does not know")]
    Unexpected(#[source] serde_json::Error),
    /// The connection ended in the middle of an answer.
    #[error("the answer was cut short")]
    CutShort(#[source] std::io::Error),
}

impl Error {
    /// The last part of the problem's type, where the service refused: what to tell cases apart by.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Error::Refused(problem) => Some(problem.name()),
            _ => None,
        }
    }
}

impl From<ureq::Error> for Error {
    fn from(error: ureq::Error) -> Self {
        Error::Unreachable(Box::new(error))
    }
}

/// What a call comes to.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The review service, as somebody with a token sees it. Clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    url: String,
    bearer: String,
}

/// A list, page by page.
struct Pages<'a, T> {
    client: &'a Client,
    path: String,
    waiting: std::vec::IntoIter<T>,
    cursor: Option<String>,
    is_over: bool,
}

impl Client {
    /// The service at this address, such as `http://127.0.0.1:8088`, for whoever holds this token.
    pub fn new(url: &str, token: &str) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        Self { agent, url: url.trim_end_matches('/').to_owned(), bearer: format!("Bearer {token}") }
    }

    /// Who holds the token, and what they may do.
    ///
    /// # Errors
    /// Where the service refuses or cannot be reached; so with every other call.
    pub fn me(&self) -> Result<Me> {
        self.read("/v1/me")
    }

    /// What waits in each queue that may be read.
    ///
    /// # Errors
    /// See [`Client::me`].
    pub fn queues(&self) -> Result<Vec<Queue>> {
        #[derive(serde::Deserialize)]
        struct Queues {
            queues: Vec<Queue>,
        }
        Ok(self.read::<Queues>("/v1/queues")?.queues)
    }

    /// The queues that may be read, now and whenever they change.
    ///
    /// # Errors
    /// See [`Client::me`].
    pub fn follow(&self) -> Result<Events> {
        let request =
            self.request(Method::GET, "/v1/queues/events").header(header::ACCEPT, "text/event-stream");
        let answer = refused(self.agent.run(request.body(()).map_err(ureq::Error::from)?)?)?;
        Ok(Events::of(answer.into_body().into_reader()))
    }

    /// Cases that a query such as `status=open&queue=bulk` asks for, first the one to look at first, page by page.
    pub fn cases(&self, query: &str) -> impl Iterator<Item = Result<CaseSummary>> + '_ {
        let path = format!("/v1/cases?{query}");
        Pages { client: self, path, waiting: Vec::new().into_iter(), cursor: None, is_over: false }
    }

    /// Takes the next case of a queue in hand, or of the queue whose turn it is; none where nothing waits.
    ///
    /// # Errors
    /// See [`Client::me`].
    pub fn next(&self, queue: Option<&str>) -> Result<Option<InHand>> {
        let path = queue.map_or_else(|| "/v1/next".to_owned(), |queue| format!("/v1/queues/{queue}/next"));
        let answer = refused(self.send::<()>(Method::POST, &path, &[], None)?)?;
        if answer.status() == StatusCode::NO_CONTENT { Ok(None) } else { body(answer).map(Some) }
    }

    /// Everything about a case. That it was read is recorded; only then can it be decided.
    ///
    /// # Errors
    /// See [`Client::me`].
    pub fn case(&self, case: &str) -> Result<Case> {
        self.read(&format!("/v1/cases/{case}"))
    }

    /// Decides a case as it was read. Sent again with the same key, it changes nothing and is answered the same.
    ///
    /// # Errors
    /// See [`Client::me`]; `case-changed` where the case is no longer as it was read.
    pub fn decide(&self, case: &Case, finding: &Finding<'_>, key: &str) -> Result<Decided> {
        let etag = format!("\"{}\"", case.version);
        let headers = [("if-match", etag.as_str()), ("idempotency-key", key)];
        let path = format!("/v1/cases/{}/decision", case.case_id);
        let answer = refused(self.send(Method::POST, &path, &headers, Some(finding))?)?;
        if answer.status() == StatusCode::ACCEPTED {
            return body(answer).map(Decided::Waits);
        }
        body(answer).map(Decided::Stands)
    }

    /// Approves what somebody else proposed, exactly as it was read.
    ///
    /// # Errors
    /// See [`Client::me`]; `other-content` where it is no longer what was read.
    pub fn approve(&self, proposal: &Proposal) -> Result<Settled> {
        #[derive(Serialize)]
        struct Approval<'a> {
            content_hash: &'a str,
        }
        let path = format!("/v1/proposals/{}/approval", proposal.proposal_id);
        self.command(Method::POST, &path, &Approval { content_hash: &proposal.content_hash })
    }

    /// One page of labels for training, one JSON object a line, oldest first; the next one by what it says of that.
    ///
    /// # Errors
    /// See [`Client::me`].
    pub fn labels(&self, after: Option<&Labels>) -> Result<Labels> {
        let path = after.and_then(|labels| labels.next.as_deref()).unwrap_or("/v1/labels");
        let answer = refused(self.send::<()>(Method::GET, path, &[], None)?)?;
        let link = answer.headers().get(header::LINK).and_then(|link| link.to_str().ok());
        let next = link.and_then(|link| Some(link.strip_prefix('<')?.split_once('>')?.0.to_owned()));
        Ok(Labels { lines: text(answer)?, next })
    }

    /// Any operation of the document that has no function here and changes nothing.
    ///
    /// # Errors
    /// See [`Client::me`].
    pub fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        body(refused(self.send::<()>(Method::GET, path, &[], None)?)?)
    }

    /// Any operation of the document that has no function here and changes something.
    ///
    /// # Errors
    /// See [`Client::me`].
    pub fn command<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        fields: &impl Serialize,
    ) -> Result<T> {
        body(refused(self.send(method, path, &[], Some(fields))?)?)
    }

    fn request(&self, method: Method, path: &str) -> ureq::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        request.header(header::AUTHORIZATION, &self.bearer)
    }

    fn send<T: Serialize>(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: Option<&T>,
    ) -> Result<Response<Body>> {
        let request = self.request(method, path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = match fields {
            Some(fields) => {
                let fields = serde_json::to_string(fields).map_err(Error::Unexpected)?;
                let request = request.header(header::CONTENT_TYPE, "application/json").body(fields);
                self.agent.run(request.map_err(ureq::Error::from)?)?
            }
            None => self.agent.run(request.body(()).map_err(ureq::Error::from)?)?,
        };
        Ok(answer)
    }
}

impl<T: DeserializeOwned> Iterator for Pages<'_, T>
where
    Page<T>: DeserializeOwned,
{
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(entry) = self.waiting.next() {
                return Some(Ok(entry));
            }
            if self.is_over {
                return None;
            }
            let cursor = self.cursor.take().map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
            match self.client.read::<Page<T>>(&format!("{}{cursor}", self.path)) {
                Ok(Page { entries, next }) => {
                    (self.waiting, self.is_over, self.cursor) = (entries.into_iter(), next.is_none(), next);
                }
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

/// The answer, unless it is a refusal.
fn refused(answer: Response<Body>) -> Result<Response<Body>> {
    if answer.status().is_success() { Ok(answer) } else { Err(Error::Refused(body(answer)?)) }
}

fn body<T: DeserializeOwned>(answer: Response<Body>) -> Result<T> {
    serde_json::from_str(&text(answer)?).map_err(Error::Unexpected)
}

fn text(answer: Response<Body>) -> Result<String> {
    let mut text = String::new();
    answer.into_body().into_reader().read_to_string(&mut text).map_err(Error::CutShort)?;
    Ok(text)
}
