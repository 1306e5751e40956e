//! What the world stands on, and what it cannot show.

const CALIBRATED: [(&str, &str); 8] = [
    (
        "Private messages: answers and their delay, first contacts and contacts of one account, lengths, gaps, \
         burstiness, closure, hours of a campus",
        "CollegeMsg, measured (Panzarasa, Opsahl and Carley 2009)",
    ),
    (
        "How often a report is true, by number of reporters",
        "abuse reports of a real social network, measured",
    ),
    ("Strangers' requests accepted: .193 without, .591 with a common contact", "Boshmaf and others 2011"),
    ("A third of minors declare an adult's age", "Ofcom 2022"),
    ("7 % of the strangers recommended to adults are minors", "trial exhibits, 2025"),
    ("Blocking and reporting: 1 % report; 68 % block and 50 % report", "Instagram 2021; Thorn 2021"),
    ("Bulk senders: five minutes after registration, 100 messages in 15 seconds", "WhatsApp 2019"),
    ("Nine in ten messages are one to one; some fifteen contacts", "WhatsApp 2019; MSN 2006"),
];

const GUESSED: [&str; 6] = [
    "How abusers go about it: pace, focus, surfaces, persistence, and what an adaptive one gives up first",
    "How those who look like them live, and how many more of them there are than ten",
    "Sizes of communities, and who is in contact in them",
    "What the platform makes of a holder's age, above all of somebody who poses",
    "What its gates, rules and reviewers do: nine right decisions in ten, days of delay",
    "How often abuse happens: a setting",
];

const NOT_SHOWN: [&str; 5] = [
    "How often abuse happens on a real platform",
    "How abusers behave who were never caught, or who react to this detection rather than to an idea of it",
    "How well detection works on people: the world and the model's view of it are by the same hands, and that guesses \
     are hard to tell apart does not make them right",
    "Whether reports elsewhere are as often true: here the curve holds by construction",
    "Anything about a person: nobody in it exists",
];

/// The section.
pub(super) fn write() -> String {
    let calibrated: String = CALIBRATED
        .iter()
        .map(|(what, source)| format!("<tr><td>{what}</td><td>{source}</td></tr>"))
        .collect();
    let list = |items: &[&str]| items.iter().map(|item| format!("<li>{item}</li>")).collect::<String>();
    format!(
        "<h2>What stands on a source, and what does not</h2><h3>Calibrated</h3><table><tr><th>what<th>source</tr>\
         {calibrated}</table><h3>Guessed</h3><ul>{}</ul><h3>What no simulation can show</h3><ul>{}</ul>",
        list(&GUESSED),
        list(&NOT_SHOWN)
    )
}
