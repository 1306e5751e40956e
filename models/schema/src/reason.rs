//! The closed list of reasons that an analyst is shown.

use serde::{Deserialize, Serialize};

/// Declares the reason codes: code, name, title, and where the same is seen without any harm.
macro_rules! reason_codes {
    ($($code:ident, $name:literal, $title:literal, $benign:literal;)+) => {
        /// Why an account was flagged. A reason is a signal, not proof.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ReasonCode { $(#[doc = $title] $code),+ }

        impl ReasonCode {
            /// Every code.
            pub const ALL: &'static [ReasonCode] = &[$(ReasonCode::$code),+];

            /// The code, such as `RC01`.
            pub const fn code(self) -> &'static str {
                match self { $(ReasonCode::$code => stringify!($code)),+ }
            }

            /// The machine-readable name, such as `minor_fanout_burst`.
            pub const fn name(self) -> &'static str {
                match self { $(ReasonCode::$code => $name),+ }
            }

            /// A short title for people.
            pub const fn title(self) -> &'static str {
                match self { $(ReasonCode::$code => $title),+ }
            }

            /// Who shows the same behaviour without any harm.
            pub const fn benign_alternatives(self) -> &'static str {
                match self { $(ReasonCode::$code => $benign),+ }
            }
        }
    };
}

reason_codes! {
    RC01, "minor_fanout_burst", "Many first contacts with likely minors",
        "teachers, coaches and youth-group leaders at the start of a term; minors among themselves";
    RC02, "minor_share_excess", "More likely minors among first contacts than usual for such an account",
        "people who work with children; a child whose declared age is an adult's";
    RC03, "stranger_first_contact_rate", "First contacts with strangers, few of whom answer",
        "new arrivals, sellers and organisers; people with a new number";
    RC04, "low_acceptance_minors", "Requests are rarely accepted",
        "changed numbers; small businesses; shy circles of contacts";
    RC05, "minor_block_after_contact", "Likely minors block or report after first contact",
        "quarrels within a school class; brigades against one person";
    RC06, "discovery_surface_skew", "Contacts found through suggestion, search or comments rather than in person",
        "creators and organisers whose contacts meet only online";
    RC07, "gate_probe_attempts", "Contacts that the platform itself refused",
        "relatives and teachers who do not know of the restriction";
    RC09, "region_mismatch", "Contacts in a region where the other side knows nobody of its own",
        "migrants and families over several countries; travellers";
    RC10, "new_account_velocity", "A young account with a fast start",
        "new users, changed phones, the first week at a new school";
    RC11, "bulk_automation", "First contacts in bursts",
        "party organisers, invitations, people who move their address book";
    RC12, "no_typing_regularity", "Messages at regular intervals, or without any typing",
        "assistive software; scheduled greetings; quick typists";
    RC13, "group_add_abuse", "Adds others to groups, who leave at once",
        "organisers of clubs and parties; new classes";
    RC14, "forward_broadcast", "Forwards to many",
        "family news; community organisers; chain greetings at holidays";
    RC15, "device_cluster", "Shares a device with other accounts",
        "families, libraries, schools and repair shops";
    RC16, "banned_account_link", "Linked with an account that was suspended",
        "people who bought a used device; a suspension in error; relatives";
    RC17, "synchronised_targets", "Turns to the same as accounts that others objected to",
        "well-known people; whoever is popular at a school";
    RC18, "age_inconsistency", "What is known of the holder's own age",
        "minors, most of whose contacts are minors";
    RC19, "night_hours_minor", "Messages to likely minors at night, where they live",
        "friends of the same age; relatives in other time zones";
    RC20, "disappearing_mode_shift", "Moves quickly to media, calls or vanishing messages with likely minors",
        "friends of the same age; relatives who call; families who send photos";
    RC21, "off_platform_drop", "Intense exchanges that break off at once",
        "homework groups; games that end; quarrels";
    RC22, "registration_reputation", "Registered where many accounts were suspended",
        "people on shared or cheap networks; travellers";
    RC25, "compromised_account_shift", "Behaves unlike its own past",
        "holidays, a new job or school, a new phone";
}
