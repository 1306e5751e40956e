//! What a dashboard is: rows of panels, each with the question that it answers. Grafana's JSON follows from that, the same
//! for all panels of a kind, so that colours mean the same everywhere: green is good, orange is to be watched, red is
//! bad, and blue passes no judgement.

use serde_json::{Value, json};

/// Columns of Grafana's grid.
const COLUMNS: u64 = 24;

/// Which job and instance are shown; stands in queries for `$on`.
const ON: &str = r#"job=~"$job", instance=~"$instance""#;

/// A dashboard.
pub(super) struct Board {
    /// What it is called in addresses; never changes.
    pub(super) uid: &'static str,
    pub(super) title: &'static str,
    /// Whom it is for and what it answers.
    pub(super) about: &'static str,
    /// The metrics whose jobs can be chosen.
    pub(super) selects: &'static str,
    /// How far back it looks at first.
    pub(super) since: &'static str,
    pub(super) rows: &'static [Row],
}

/// Panels on one subject.
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) panels: &'static [Panel],
}

/// One question and its answer.
pub(super) struct Panel {
    pub(super) question: &'static str,
    /// What is shown, which values are bad, and what that means.
    pub(super) about: &'static str,
    /// Grafana's name of the unit.
    pub(super) unit: &'static str,
    pub(super) shape: Shape,
    /// What each line is called, and its query.
    pub(super) queries: &'static [(&'static str, &'static str)],
    pub(super) judge: Judge,
}

/// How an answer is shown.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// The latest value, large.
    Number,
    /// Values over time.
    Lines,
    /// The latest values beside each other.
    Bars,
    /// How often values lay in each bucket, over time.
    Heat,
}

/// Which values are bad.
#[derive(Clone, Copy)]
pub(super) enum Judge {
    /// None by itself.
    None,
    /// High ones: from the first on to be watched, from the second on bad.
    High(f64, f64),
    /// Low ones: below the first to be watched, below the second bad.
    Low(f64, f64),
}

impl Shape {
    fn size(self) -> (u64, u64) {
        match self {
            Shape::Number => (6, 5),
            Shape::Lines | Shape::Bars | Shape::Heat => (12, 8),
        }
    }
}

impl Board {
    /// Its file's name.
    pub(super) fn file(&self) -> String {
        format!("{}.json", self.uid.trim_start_matches("silhouette-"))
    }

    /// The dashboard, as Grafana takes it up from a file.
    pub(super) fn json(&self) -> Value {
        json!({
            "annotations": {"list": []},
            "description": self.about,
            "editable": false,
            "fiscalYearStartMonth": 0,
            "graphTooltip": 1,
            "id": null,
            "links": [{
                "asDropdown": false, "icon": "external link", "includeVars": true, "keepTime": true,
                "tags": ["silhouette"], "targetBlank": false, "title": "Silhouette", "tooltip": "",
                "type": "dashboards", "url": "",
            }],
            "panels": self.panels(),
            "refresh": "30s",
            "schemaVersion": 39,
            "tags": ["silhouette"],
            "templating": {"list": self.variables()},
            "time": {"from": self.since, "to": "now"},
            "timepicker": {},
            "timezone": "utc",
            "title": self.title,
            "uid": self.uid,
        })
    }

    fn variables(&self) -> Value {
        let choice = |name: &str, label: &str, query: String| {
            json!({
                "allValue": ".+", "current": {"selected": true, "text": "All", "value": "$__all"},
                "datasource": datasource(), "includeAll": true, "label": label, "multi": true, "name": name,
                "query": query, "refresh": 2, "sort": 1, "type": "query",
            })
        };
        let selects = self.selects;
        json!([
            {
                "current": {"selected": false, "text": "default", "value": "default"},
                "label": "Data source", "name": "datasource", "query": "prometheus", "refresh": 1, "type": "datasource",
            },
            choice("job", "Job", format!("label_values({selects}, job)")),
            choice("instance", "Instance", format!("label_values({selects}, instance)")),
        ])
    }

    /// Rows and panels, from left to right and from top to bottom.
    fn panels(&self) -> Vec<Value> {
        let (mut panels, mut top, mut id) = (Vec::new(), 0, 0);
        let mut next = || {
            id += 1;
            id
        };
        for row in self.rows {
            panels.push(json!({
                "collapsed": false, "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top}, "id": next(),
                "panels": [], "title": row.title, "type": "row",
            }));
            top += 1;
            let (mut left, mut height) = (0, 0);
            for panel in row.panels {
                let (w, h) = panel.shape.size();
                if left + w > COLUMNS {
                    (left, top, height) = (0, top + height, 0);
                }
                panels.push(panel.json(next(), json!({"h": h, "w": w, "x": left, "y": top})));
                (left, height) = (left + w, height.max(h));
            }
            top += height;
        }
        panels
    }
}

/// The data source that is chosen above the panels.
fn datasource() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

impl Panel {
    fn json(&self, id: u64, place: Value) -> Value {
        let targets = self.queries.iter().zip('A'..).map(|((legend, query), letter)| {
            json!({
                "datasource": datasource(), "editorMode": "code", "expr": query.replace("$on", ON),
                "format": if self.shape == Shape::Heat { "heatmap" } else { "time_series" },
                "instant": self.is_instant(), "legendFormat": legend, "range": !self.is_instant(),
                "refId": letter.to_string(),
            })
        });
        json!({
            "datasource": datasource(), "description": self.about,
            "fieldConfig": {"defaults": self.field(), "overrides": []},
            "gridPos": place, "id": id, "options": self.options(),
            "targets": targets.collect::<Vec<_>>(), "title": self.question, "type": self.kind(),
        })
    }

    fn is_instant(&self) -> bool {
        matches!(self.shape, Shape::Number | Shape::Bars)
    }

    fn kind(&self) -> &'static str {
        match self.shape {
            Shape::Number => "stat",
            Shape::Lines => "timeseries",
            Shape::Bars => "bargauge",
            Shape::Heat => "heatmap",
        }
    }

    /// Colours: of a judged number by its thresholds, of a judged line as areas behind it, else blue.
    fn field(&self) -> Value {
        let is_judged = !matches!(self.judge, Judge::None);
        let is_line = self.shape == Shape::Lines;
        let colour = match (is_line, is_judged) {
            (true, _) => json!({"fixedColor": "blue", "mode": "shades"}),
            (false, true) => json!({"mode": "thresholds"}),
            (false, false) => json!({"fixedColor": "blue", "mode": "fixed"}),
        };
        let mut field = json!({
            "color": colour, "noValue": "no data", "unit": self.unit,
            "thresholds": {"mode": "absolute", "steps": self.steps()},
        });
        if is_line {
            let style = if is_judged { "dashed+area" } else { "off" };
            field["custom"] = json!({
                "drawStyle": "line", "fillOpacity": 8, "lineWidth": 2, "showPoints": "never",
                "spanNulls": false, "thresholdsStyle": {"mode": style},
            });
            field["min"] = json!(0);
        }
        field
    }

    fn steps(&self) -> Value {
        // Behind a line, what is good stays as it is.
        let good = if self.shape == Shape::Lines { "transparent" } else { "green" };
        let step = |colour: &str, from: Option<f64>| json!({"color": colour, "value": from});
        match self.judge {
            Judge::None => json!([step("blue", None)]),
            Judge::High(watch, bad) => {
                json!([step(good, None), step("orange", Some(watch)), step("red", Some(bad))])
            }
            Judge::Low(watch, bad) => {
                json!([step("red", None), step("orange", Some(bad)), step(good, Some(watch))])
            }
        }
    }

    fn options(&self) -> Value {
        let latest = json!({"calcs": ["lastNotNull"], "fields": "", "values": false});
        match self.shape {
            Shape::Number => json!({
                "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto",
                "reduceOptions": latest, "textMode": if self.queries.len() > 1 { "value_and_name" } else { "auto" },
            }),
            Shape::Bars => json!({
                "displayMode": "basic", "orientation": "horizontal", "reduceOptions": latest, "showUnfilled": true,
                "valueMode": "color",
            }),
            Shape::Lines => json!({
                "legend": {"calcs": ["lastNotNull"], "displayMode": "list", "placement": "bottom", "showLegend": true},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }),
            Shape::Heat => json!({
                "calculate": false, "cellGap": 1,
                "color": {"exponent": 0.5, "fill": "blue", "mode": "scheme", "reverse": false, "scale": "exponential",
                          "scheme": "Blues", "steps": 64},
                "legend": {"show": true}, "tooltip": {"mode": "single", "yHistogram": false},
                "yAxis": {"axisPlacement": "left", "unit": self.unit},
            }),
        }
    }
}
