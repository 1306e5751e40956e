//! What the reviewer is told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use toml::Value;

use super::Checks;

const MINUTE: Duration = Duration::from_secs(60);

/// The reviewer's settings.
#[derive(Clone, Debug)]
pub struct Review {
    /// Address of the API and the console.
    pub listen: SocketAddr,
    /// SQLite file, or address of a PostgreSQL database.
    pub database: String,
    /// File with the secret that signs the audit log.
    pub audit_key: PathBuf,
    /// File of the roles; none for those that are shipped.
    pub roles: Option<PathBuf>,
    /// File of the policy; none for the one that is shipped.
    pub policy: Option<PathBuf>,
    /// Where to ask for identities; none where they cannot be revealed.
    pub resolver: Option<String>,
    /// File with the secret that signs requests to the resolver.
    pub resolver_secret: PathBuf,
    /// Where people sign in with a browser; none where they do so with their token.
    pub oidc: Option<Oidc>,
    /// Requests of one person in a second.
    pub requests_a_second: u32,
    /// Different cases that one person reads in an hour.
    pub cases_an_hour: u32,
    /// Decisions of one person in a minute.
    pub decisions_a_minute: u32,
    /// Consumer group of the flags.
    pub group: String,
    /// Who may sign in.
    pub tokens: Vec<TokenHash>,
    /// Whether browsers reach the console over HTTPS.
    pub behind_https: bool,
    /// How much of the work each queue gets of people who work on several.
    pub shares: Shares,
    /// How much is looked at again.
    pub quality: Quality,
    /// Cases about likely minors that one person is shown in a day.
    pub exposures_a_day: u32,
    /// After how long at work somebody is reminded of a break.
    pub work: Duration,
    /// How long a pause must be to be a break.
    pub pause: Duration,
}

/// How much is looked at again, to see whether people decide alike.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// The share of decisions that somebody else makes again, 0 to 1.
    pub double_review: f64,
    /// The share of cases handed out whose right decision is known, 0 to 1.
    pub golden: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCare {
    exposures_a_day: i64,
    work: String,
    pause: String,
}

/// How much of the work each queue gets.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// Contacts with likely minors.
    pub child_safety: u32,
    /// Other behaviour.
    pub general: u32,
    /// Bulk contact.
    pub bulk: u32,
}

/// A provider of OpenID Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The issuer's address; empty for none.
    pub issuer: String,
    /// The name under which the provider knows us.
    pub client_id: String,
    /// File with the secret that it gave us.
    pub client_secret: PathBuf,
    /// Where it sends browsers back to.
    pub redirect: String,
    /// `email` or `sub`.
    pub name: String,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenHash {
    /// Who it is.
    pub name: String,
    /// BLAKE3 hash of the token, 64 hexadecimal digits; none for who signs in at the provider only.
    #[serde(default)]
    pub blake3: Option<String>,
    /// The roles that they start with.
    pub roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReview {
    listen: String,
    database: String,
    audit_key: PathBuf,
    roles: String,
    policy: String,
    resolver: String,
    resolver_secret: PathBuf,
    oidc: Oidc,
    requests_a_second: i64,
    cases_an_hour: i64,
    decisions_a_minute: i64,
    pub(super) group: String,
    tokens: Vec<Value>,
    behind_https: bool,
    shares: Shares,
    quality: Quality,
    care: RawCare,
}

pub(super) fn check(raw: RawReview, checks: &mut Checks<'_>) -> Review {
    let mut tokens = Vec::new();
    for (i, value) in raw.tokens.into_iter().enumerate() {
        let at = format!("review.tokens[{i}]");
        match value.try_into::<TokenHash>() {
            Ok(token) => {
                let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
                let good = token.blake3.as_ref().is_none_or(is_hash);
                checks.require(&format!("{at}.blake3"), good, "must be 64 hexadecimal digits");
                checks.require(&format!("{at}.name"), !token.name.is_empty(), "must not be empty");
                tokens.push(token);
            }
            Err(_) => {
                checks.fault(&at, "must be { name = \"…\", blake3 = \"…\", roles = [\"…\"] }".to_owned())
            }
        }
    }
    let is_share = |share: f64| (0.0..=1.0).contains(&share);
    let Quality { double_review, golden } = raw.quality;
    checks.require("review.quality.double_review", is_share(double_review), "must be 0 to 1");
    checks.require("review.quality.golden", is_share(golden), "must be 0 to 1");
    let nobody_waits = raw.shares.child_safety > 0;
    checks.require("review.shares.child_safety", nobody_waits, "must be at least 1");
    checks.require("review.database", !raw.database.is_empty(), "must be a file or a postgres:// address");
    let is_url = raw.resolver.is_empty() || raw.resolver.starts_with("http");
    checks.require("review.resolver", is_url, "must be an http:// or https:// address, or empty");
    let mut limit = |at: &str, number| u32::try_from(checks.count(at, number, 1_000_000)).unwrap_or(u32::MAX);
    let requests = limit("review.requests_a_second", raw.requests_a_second);
    let cases = limit("review.cases_an_hour", raw.cases_an_hour);
    let decisions = limit("review.decisions_a_minute", raw.decisions_a_minute);
    let exposures_a_day = limit("review.care.exposures_a_day", raw.care.exposures_a_day);
    Review {
        requests_a_second: requests,
        cases_an_hour: cases,
        decisions_a_minute: decisions,
        listen: checks.address("review.listen", &raw.listen),
        database: raw.database,
        audit_key: raw.audit_key,
        roles: (!raw.roles.is_empty()).then(|| raw.roles.into()),
        policy: (!raw.policy.is_empty()).then(|| raw.policy.into()),
        resolver: (!raw.resolver.is_empty()).then_some(raw.resolver),
        resolver_secret: raw.resolver_secret,
        oidc: check_oidc(raw.oidc, checks),
        group: raw.group,
        tokens,
        behind_https: raw.behind_https,
        shares: raw.shares,
        quality: raw.quality,
        exposures_a_day,
        work: checks.duration("review.care.work", &raw.care.work, MINUTE),
        pause: checks.duration("review.care.pause", &raw.care.pause, MINUTE),
    }
}

fn check_oidc(oidc: Oidc, checks: &mut Checks<'_>) -> Option<Oidc> {
    if oidc.issuer.is_empty() {
        return None;
    }
    checks.require("review.oidc.issuer", oidc.issuer.starts_with("http"), "must be an address, or empty");
    checks.require("review.oidc.client_id", !oidc.client_id.is_empty(), "must not be empty");
    let is_back = oidc.redirect.starts_with("http") && oidc.redirect.ends_with("/login/oidc/callback");
    let expected = "must be our own address, as browsers know it, with /login/oidc/callback";
    checks.require("review.oidc.redirect", is_back, expected);
    let is_known = ["email", "sub"].contains(&oidc.name.as_str());
    checks.require("review.oidc.name", is_known, "must be \"email\" or \"sub\"");
    Some(oidc)
}
