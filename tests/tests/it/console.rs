//! The console in a real browser, as analysts use it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::{Client, Locator};
use serde_json::Value;
use silhouette_tests::browser::{Browser, Scheme};

use crate::desk::{Desk, Setup, flag};

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);
const PATIENCE: Duration = Duration::from_secs(10);

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

fn desk_with_cases() -> Desk {
    let desk = Desk::open_to_this_machine();
    let risks = [0.97, 0.94, 0.88, 0.81, 0.74, 0.66, 0.58];
    let mut flags = vec![flag(1, 0, 0.62), flag(1, 1, 0.83), flag(4, 0, 0.71)];
    flags.extend((1u32..).zip(risks).map(|(n, p)| flag(n, 2, p)));
    desk.feed(&flags);
    desk.wait_for_records("opened", 7);
    desk.wait_for_records("appended", 3);
    desk
}

/// The text of an element, once there is one.
async fn text(client: &Client, css: &str) -> String {
    let element = client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
    element.unwrap_or_else(|e| panic!("{css}: {e}")).text().await.unwrap()
}

async fn click(client: &Client, css: &str) {
    client.find(Locator::Css(css)).await.unwrap_or_else(|e| panic!("{css}: {e}")).click().await.unwrap();
}

/// Clicks on what leads to another page, and waits until that is there.
async fn follow(client: &Client, css: &str) {
    let (from, deadline) = (client.current_url().await.unwrap(), Instant::now() + PATIENCE);
    click(client, css).await;
    while client.current_url().await.unwrap() == from {
        assert!(Instant::now() < deadline, "{css} leads nowhere");
    }
}

/// Where screenshots go: beside what was built, for people to look at.
fn gallery() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Pictures of the page as it is: desktop and phone, light and dark, each as a screen and as a whole.
async fn photograph(browser: &Browser, page: &str) {
    browser.client.execute("window.scrollTo(0, 0)", Vec::new()).await.unwrap();
    for (device, (width, height)) in [("desktop", DESKTOP), ("phone", PHONE)] {
        for (name, scheme) in [("light", Scheme::Light), ("dark", Scheme::Dark)] {
            browser.look_like(width, height, scheme).await.unwrap();
            let wide =
                browser.client.execute("return document.documentElement.scrollWidth", Vec::new()).await;
            assert!(
                wide.unwrap().as_u64().unwrap() <= u64::from(width),
                "{page} scrolls sideways on a {device}"
            );
            let picture = browser.client.screenshot().await.unwrap();
            fs::write(gallery().join(format!("{page}-{device}-{name}.png")), picture).unwrap();

            let whole = browser.page_height().await.unwrap();
            browser.look_like(width, whole, scheme).await.unwrap();
            let picture = browser.client.screenshot().await.unwrap();
            fs::write(gallery().join(format!("{page}-{device}-{name}-whole.png")), picture).unwrap();
        }
    }
    browser.look_like(DESKTOP.0, DESKTOP.1, Scheme::Light).await.unwrap();
}

#[test]
fn an_analyst_reads_a_case_and_decides_it() {
    let desk = desk_with_cases();
    runtime().block_on(async {
        let Some(browser) = Browser::open().await else { return };
        browser.look_like(DESKTOP.0, DESKTOP.1, Scheme::Light).await.unwrap();
        let client = &browser.client;

        client.goto(&desk.url("/")).await.unwrap();
        assert!(text(client, ".banner").await.starts_with("Simulated people."));
        assert!(text(client, ".signal").await.contains("A signal, not proof"));
        assert_eq!(client.find_all(Locator::Css(".card")).await.unwrap().len(), 7);
        assert_eq!(text(client, ".card .percent").await.replace('\n', ""), "97%");
        photograph(&browser, "queue").await;

        click(client, ".card h2 a").await;
        let case = client.current_url().await.unwrap().path().trim_start_matches("/cases/").to_owned();
        assert!(text(client, ".signal").await.contains("A signal, not proof"));
        assert!(text(client, ".reasons .sentence").await.contains("usual is"));
        assert!(text(client, ".reasons .benign").await.starts_with("Also seen in"));
        assert!(client.find_all(Locator::Css(".strip circle")).await.unwrap().len() > 10);
        click(client, "#h-evidence ~ details summary").await;
        assert!(text(client, "#h-evidence ~ details tbody tr").await.contains("UTC"));
        click(client, "#h-evidence ~ details summary").await;
        photograph(&browser, "case").await;

        click(client, "[name=outcome][value=benign]").await;
        click(client, "[name=benign_reason][value=works_with_young_people]").await;
        click(client, ".decide button.primary").await;
        assert!(text(client, ".notice.done").await.contains("Works with young people"));
        assert_ne!(client.current_url().await.unwrap().path(), format!("/cases/{case}"));

        let label = desk.ask("GET", "/v1/labels", &[], None).body;
        let label: Value = serde_json::from_str(&label).unwrap();
        let decided = desk.ask("GET", &format!("/v1/cases/{case}"), &[], None).json();
        assert_eq!((&label["account"], &label["label"]), (&decided["account"], &"benign".into()));
        assert_eq!(decided["decision"]["by"], "demo analyst");

        client.goto(&desk.url(&format!("/cases/{case}"))).await.unwrap();
        assert!(text(client, ".made").await.contains("No abuse found"));
        photograph(&browser, "decided").await;
    });
}

#[test]
fn an_analyst_takes_the_next_case_in_hand_and_passes_it_on() {
    let quality = review::Quality { double_review: 1.0, golden: 0.0 };
    let desk = Desk::with(Setup { is_open: true, quality, ..Setup::default() });
    desk.feed(&[flag(1, 0, 0.62), flag(4, 0, 0.71), flag(7, 0, 0.83)]);
    desk.wait_for_records("opened", 3);
    let first = desk.get("/v1/cases").json()["cases"][0]["case_id"].as_str().unwrap().to_owned();
    let benign = serde_json::json!({ "outcome": "benign", "reason": "evidence_too_thin" });
    assert_eq!(desk.decide_as("ana", &first, &benign).status, 200);
    runtime().block_on(async {
        let Some(browser) = Browser::open().await else { return };
        browser.look_like(DESKTOP.0, DESKTOP.1, Scheme::Light).await.unwrap();
        let client = &browser.client;

        client.goto(&desk.url("/")).await.unwrap();
        assert!(text(client, ".hand").await.contains("Nothing. Take the case whose turn it is"));
        photograph(&browser, "queue-to-take-from").await;
        follow(client, ".hand button").await;
        assert!(text(client, "h1").await.starts_with("Case of"));
        photograph(&browser, "second-look").await;
        let look = client.current_url().await.unwrap().path().to_owned();
        assert_ne!(look, format!("/cases/{first}"), "a name of its own");
        client.goto(&desk.url("/")).await.unwrap();
        assert!(text(client, ".hand").await.contains("Go on with the case of"));
        photograph(&browser, "in-hand").await;
        follow(client, ".hand a").await;
        assert_eq!(client.current_url().await.unwrap().path(), look);

        click(client, ".pass-on summary").await;
        let select = client.find(Locator::Css("#skip-reason")).await.unwrap();
        select.select_by_value("needs_a_break").await.unwrap();
        follow(client, ".pass-on button").await;
        assert!(text(client, "h1").await.starts_with("Case of"));
        let next = client.current_url().await.unwrap().path().to_owned();
        assert!(![&look, &format!("/cases/{first}")].contains(&&next), "another one: {next}");
        let shown = desk.get(&format!("/v1{next}")).json();
        assert_eq!(shown["claim"]["by"], "demo analyst", "it is in hand: {shown}");
    });
}

#[test]
fn a_conflict_keeps_what_was_chosen() {
    let desk = desk_with_cases();
    runtime().block_on(async {
        let Some(browser) = Browser::open().await else { return };
        browser.look_like(DESKTOP.0, DESKTOP.1, Scheme::Light).await.unwrap();
        let client = &browser.client;
        client.goto(&desk.url("/")).await.unwrap();
        click(client, ".card:nth-child(7) h2 a").await;

        click(client, "[name=outcome][value=abusive]").await;
        click(client, ".decide button.primary").await;
        assert!(text(client, "#fault-category").await.to_lowercase().contains("choose"));
        photograph(&browser, "incomplete").await;

        let select = client.find(Locator::Css("#category")).await.unwrap();
        select.select_by_value("scam").await.unwrap();
        let select = client.find(Locator::Css("#policy")).await.unwrap();
        select.select_by_value("fraud_and_scams").await.unwrap();
        let select = client.find(Locator::Css("#action")).await.unwrap();
        select.select_by_value("limit_contacts").await.unwrap();
        click(client, "[name=abusive_reason][value=automated_or_bulk_contact]").await;
        desk.feed(&[flag(7, 3, 0.79)]);
        desk.wait_for_records("appended", 4);
        click(client, ".decide button.primary").await;

        assert!(text(client, ".notice.changed").await.contains("changed while you were looking"));
        let kept = "[name=abusive_reason][value=automated_or_bulk_contact]:checked";
        assert!(client.find(Locator::Css(kept)).await.is_ok(), "the reason was lost");
        let select = client.find(Locator::Css("#category")).await.unwrap();
        assert_eq!(select.prop("value").await.unwrap().as_deref(), Some("scam"));
        photograph(&browser, "conflict").await;
        click(client, ".decide button.primary").await;
        assert!(text(client, ".notice.done").await.contains("scam"));
    });
}

#[test]
fn every_state_has_a_page_and_the_keyboard_reaches_it() {
    let desk = Desk::start();
    runtime().block_on(async {
        let Some(browser) = Browser::open().await else { return };
        browser.look_like(DESKTOP.0, DESKTOP.1, Scheme::Light).await.unwrap();
        let client = &browser.client;

        client.goto(&desk.url("/")).await.unwrap();
        assert_eq!(client.current_url().await.unwrap().path(), "/login");
        photograph(&browser, "sign-in").await;
        let field = client.find(Locator::Css("#token")).await.unwrap();
        field.send_keys("token-of-ana\n").await.unwrap();
        client.wait().for_element(Locator::Css(".empty")).await.unwrap();
        assert!(text(client, ".empty h2").await.contains("Nothing waits for you"));
        photograph(&browser, "empty").await;

        client.goto(&desk.url("/cases/c00000000000000000000")).await.unwrap();
        assert!(text(client, "h1").await.contains("nothing here"));
        photograph(&browser, "not-found").await;

        let body = client.find(Locator::Css("body")).await.unwrap();
        body.send_keys("\u{e004}").await.unwrap();
        let focused = client.active_element().await.unwrap().text().await.unwrap();
        assert_eq!(focused, "Skip to the content");
    });
}
