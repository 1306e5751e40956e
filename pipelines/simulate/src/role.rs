//! What a person is to the platform: the kinds of abuse, and the innocent people who look like them.

use events::Category;

/// Declares a list of kinds: variant, name in the truth and in scenarios, and what the variant is.
macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Its name in the truth and in scenarios.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The kind of that name.
            pub fn named(name: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

kinds! {
    /// A kind of abuse. Every number of its behaviour is in [`crate::campaign`].
    Archetype {
        /// A1: an adult who asks one minor after the other.
        Scattergun "scattergun",
        /// A2: few new minors, won through groups and common contacts, long conversations.
        LowAndSlow "low_and_slow",
        /// A3: an adult whose account claims to be a teenager.
        Catfish "catfish",
        /// A4: many accounts of one operator sweep a school, and extort within hours.
        SextortionFarm "sextortion_farm",
        /// A5: the same to everybody, in bursts.
        BulkSpammer "bulk_spammer",
        /// A6: adults are wooed for weeks and drawn to another platform.
        RomanceScam "romance_scam",
        /// A7: an account that lived quietly until it was sold.
        AgedAccount "aged_account",
        /// A8: makes groups and adds people who never asked.
        GroupAdder "group_adder",
        /// A9: an ordinary account in somebody else's hands.
        Hijacked "hijacked",
        /// A10: banned, and back with a new account for the same minors.
        BanEvader "ban_evader",
        /// A11: accounts that vouch for each other.
        ColludingSybil "colluding_sybil",
        /// A12: reports innocents together with others.
        BrigadingReporter "brigading_reporter",
        /// A13: a minor who coerces peers.
        MinorCoercion "minor_coercion",
        /// A14: knows every feature, and halves what gave it away after each release of a model.
        Adaptive "adaptive",
        /// Loud and harmless, to eat up reviewers' time.
        Decoy "decoy",
    }
}

kinds! {
    /// An innocent kind of person who resembles some abuse.
    LookAlike {
        /// B1: teaches school classes.
        Teacher "teacher",
        /// B1: coaches youth clubs.
        YouthCoach "youth_coach",
        /// B2: 18 to 20 years old, with friends still at school.
        SchoolLeaver "school_leaver",
        /// B3: a child whose account claims an adult's age.
        DeclaredAdult "declared_adult",
        /// B4: aunt, cousin or elder sibling of several households' children.
        Relative "relative",
        /// B5: a new number, and the whole address book is told.
        ChangedNumber "changed_number",
        /// B6: first week at a new place, strangers both ways.
        Fresher "fresher",
        /// B7: organises parties and clubs, adds people to groups.
        Organiser "organiser",
        /// B8: a creator whom many strangers, minors among them, turn to.
        Creator "creator",
        /// B9: helpline, charity, school office or business.
        Institution "institution",
        /// B10: hosts a gaming clan of mixed ages.
        ClanHost "clan_host",
        /// B11: recruits or sells: many strangers, few answers, office hours.
        Recruiter "recruiter",
        /// B12: a young person whose friends are mostly found online.
        OnlineFriends "online_friends",
        /// B13: lives far from most contacts.
        Diaspora "diaspora",
        /// B14: shares a device with the family, a library or a school.
        SharedDevice "shared_device",
        /// B15: a child of two homes, in two countries.
        TwoHomes "two_homes",
        /// B16: awake when others sleep.
        NightWorker "night_worker",
        /// Looks for a partner: many strangers, few answers, adults only.
        Dater "dater",
    }
}

/// What a person is to the platform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Ordinary,
    LookAlike {
        kind: LookAlike,
        /// The day on which what makes them look alike happens, or starts.
        day: u32,
    },
    /// By index into the campaigns.
    Abuser {
        archetype: Archetype,
        campaign: u32,
    },
}

impl Role {
    pub(crate) fn look_alike(&self) -> Option<LookAlike> {
        match self {
            Role::LookAlike { kind, .. } => Some(*kind),
            _ => None,
        }
    }

    pub(crate) fn archetype(&self) -> Option<Archetype> {
        match self {
            Role::Abuser { archetype, .. } => Some(*archetype),
            _ => None,
        }
    }
}

impl Archetype {
    /// Share of the abusive accounts, before they are scaled to a sum of 1 (our choice).
    pub(crate) fn weight(self) -> f64 {
        match self {
            Self::BulkSpammer => 0.16,
            Self::Scattergun | Self::SextortionFarm => 0.13,
            Self::LowAndSlow => 0.10,
            Self::Catfish | Self::RomanceScam => 0.08,
            Self::MinorCoercion | Self::AgedAccount | Self::GroupAdder | Self::Hijacked => 0.05,
            Self::BanEvader | Self::Adaptive => 0.05,
            Self::ColludingSybil => 0.04,
            Self::BrigadingReporter => 0.03,
            Self::Decoy => 0.0,
        }
    }

    /// What a finding about it says.
    pub(crate) fn category(self) -> Category {
        match self {
            Self::SextortionFarm | Self::MinorCoercion => Category::Sextortion,
            Self::BulkSpammer | Self::GroupAdder | Self::ColludingSybil | Self::Hijacked | Self::Decoy => {
                Category::Spam
            }
            Self::RomanceScam => Category::Scam,
            Self::BrigadingReporter => Category::Harassment,
            _ => Category::ChildSafety,
        }
    }

    /// Whether it is patient or well disguised, so that no single feature should tell it from innocent people.
    pub fn is_hard(self) -> bool {
        matches!(
            self,
            Self::LowAndSlow | Self::Catfish | Self::RomanceScam | Self::MinorCoercion | Self::Adaptive
        )
    }

    /// Who resembles it.
    pub fn resembled_by(self) -> &'static [LookAlike] {
        use LookAlike::*;
        match self {
            Self::Scattergun | Self::Adaptive => &[Teacher, YouthCoach, Creator, DeclaredAdult, Fresher],
            Self::LowAndSlow => &[Relative, YouthCoach, SchoolLeaver, ClanHost, OnlineFriends],
            Self::Catfish => &[DeclaredAdult, SchoolLeaver, OnlineFriends],
            Self::SextortionFarm => &[Fresher, SharedDevice, Diaspora, TwoHomes],
            Self::BulkSpammer => &[Institution, Recruiter, ChangedNumber],
            Self::RomanceScam => &[Dater, Diaspora, NightWorker],
            Self::AgedAccount | Self::Hijacked => &[ChangedNumber, NightWorker, TwoHomes],
            Self::GroupAdder => &[Organiser, ClanHost],
            Self::BanEvader => &[ChangedNumber, SharedDevice],
            Self::ColludingSybil => &[SharedDevice, Fresher],
            Self::MinorCoercion => &[Fresher, OnlineFriends],
            Self::BrigadingReporter | Self::Decoy => &[],
        }
    }
}

impl LookAlike {
    /// Share of all accounts, at least (our choice, but for B3: Ofcom 2022).
    pub(crate) fn share(self) -> f64 {
        match self {
            Self::DeclaredAdult => 0.02,
            Self::SharedDevice | Self::Fresher | Self::Diaspora | Self::NightWorker => 0.01,
            _ => 0.005,
        }
    }

    /// Youngest and oldest.
    pub(crate) fn ages(self) -> (u8, u8) {
        match self {
            Self::Teacher => (23, 66),
            Self::YouthCoach => (19, 66),
            Self::SchoolLeaver => (18, 20),
            Self::DeclaredAdult => (9, 17),
            Self::Relative => (18, 75),
            Self::Fresher => (16, 24),
            Self::Creator => (14, 39),
            Self::OnlineFriends => (13, 17),
            Self::TwoHomes => (9, 17),
            Self::ClanHost => (16, 39),
            Self::SharedDevice => (9, 75),
            Self::Diaspora => (16, 75),
            Self::ChangedNumber => (14, 75),
            _ => (18, 66),
        }
    }
}
