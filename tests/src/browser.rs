//! A real browser: Debian's Chromium, headless, driven through its own chromedriver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::component;

/// How long the driver may take to close its browser before it is ended.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(5);

/// Light or dark, as the system prefers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A browser with one window. Everything it started ends when it is dropped.
#[derive(Debug)]
pub struct Browser {
    /// The window.
    pub client: Client,
    driver: Driver,
    _profile: TempDir,
}

#[derive(Debug)]
struct Driver {
    process: Child,
    port: u16,
}

impl Browser {
    /// A browser, or none where this machine has none.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn open() -> Option<Self> {
        let driver = component("Chromium", Driver::start())?;
        Some(Self::drive(driver).await.expect("a browser that starts"))
    }

    async fn drive(driver: Driver) -> anyhow::Result<Self> {
        let profile = tempfile::tempdir()?;
        let folder = profile.path().display();
        let args = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            format!("--user-data-dir={folder}"),
        ]);
        let Value::Object(wanted) = json!({ "goog:chromeOptions": { "args": args } }) else { unreachable!() };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await?;
        Ok(Self { client, driver, _profile: profile })
    }

    /// Makes the page as large as a screen of so many pixels, and has the system prefer a scheme.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn look_like(&self, width: u32, height: u32, scheme: Scheme) -> anyhow::Result<()> {
        let scheme = if scheme == Scheme::Dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.command("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.command("Emulation.setDeviceMetricsOverride", metrics).await
    }

    /// The height of the whole page, in pixels.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn page_height(&self) -> anyhow::Result<u32> {
        let height = self.client.execute("return document.documentElement.scrollHeight", Vec::new()).await?;
        Ok(u32::try_from(height.as_u64().context("a height")?)?)
    }

    /// One command of Chromium's own protocol, for what WebDriver has no word for.
    async fn command(&self, cmd: &str, params: Value) -> anyhow::Result<()> {
        let session = self.client.session_id().await?.context("a session")?;
        let url = format!("http://127.0.0.1:{}/session/{session}/goog/cdp/execute", self.driver.port);
        ureq::post(&url).send_json(json!({ "cmd": cmd, "params": params }))?;
        Ok(())
    }
}

impl Driver {
    /// Starts the driver on a free port of its own choice, which it tells.
    fn start() -> anyhow::Result<Self> {
        let spawned = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut driver = Self { process: spawned.context("chromedriver is not installed")?, port: 0 };
        let output = driver.process.stdout.take().context("a piped output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            let port = line.split_once("started successfully on port ").map(|(_, port)| port);
            if let Some(port) = port {
                driver.port = port.trim_end_matches('.').parse()?;
                return Ok(driver);
            }
        }
        anyhow::bail!("chromedriver ended before it told its port")
    }
}

impl Drop for Driver {
    /// Asked to shut down, it closes its browser; ended outright, it would leave it behind.
    fn drop(&mut self) {
        let config = ureq::Agent::config_builder().timeout_global(Some(SHUTDOWN_WAIT)).build();
        drop(ureq::Agent::from(config).get(format!("http://127.0.0.1:{}/shutdown", self.port)).call());
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
