//! With whom an account is compared: those of the same region, tenure and age band.

use std::sync::LazyLock;

use events::{Age, Country};

use crate::state::Card;
use crate::time::{DAY, Second, ago};

/// Regions of the world by the countries' codes, after the United Nations' M49 with the Americas split by language.
const REGIONS: [(&str, &str); 6] = [
    (
        "africa",
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA \
                NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
    ),
    (
        "asia",
        "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH \
              PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    ),
    (
        "europe",
        "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK \
                MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA",
    ),
    ("northern_america", "BM CA GL PM US"),
    (
        "latin_america",
        "AG AI AR AW BB BL BO BQ BR BS BV BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC MF \
                       MQ MS MX NI PA PE PR PY SR SV SX TC TT UY VC VE VG VI",
    ),
    ("oceania", "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"),
];

/// Tenures by their end, in days.
const TENURES: [(&str, u32); 6] =
    [("1d", 1), ("7d", 7), ("30d", 30), ("90d", 90), ("365d", 365), ("older", u32::MAX)];

const REGION_COUNT: usize = REGIONS.len() + 1;
const TENURE_COUNT: usize = TENURES.len() + 1;
const BAND_COUNT: usize = Age::ALL.len();

/// One cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cohort(u16);

impl Cohort {
    /// The cohort of an account with this card at a moment.
    pub(crate) fn of(card: &Card, now: Second) -> Self {
        let region = card.country.map_or(0, region);
        let days = card.created().map(|created| ago(created, now) / DAY);
        let tenure = days.map_or(0, |days| {
            1 + TENURES.iter().position(|(_, end)| days < *end).unwrap_or(TENURES.len() - 1)
        });
        let band = card.band.unwrap_or(Age::Unknown) as usize;
        let number = (region * TENURE_COUNT + tenure) * BAND_COUNT + band;
        Self(u16::try_from(number).unwrap_or(0))
    }

    /// Region, tenure and age band, such as `europe/90d/25_34`.
    pub fn name(self) -> &'static str {
        &NAMES[usize::from(self.0)]
    }
}

fn region(country: Country) -> usize {
    let holds = |codes: &str| codes.split_ascii_whitespace().any(|code| code == country.as_str());
    REGIONS.iter().position(|(_, codes)| holds(codes)).map_or(0, |index| index + 1)
}

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let regions = std::iter::once("unknown").chain(REGIONS.iter().map(|(name, _)| *name));
    let tenures = || std::iter::once("unknown").chain(TENURES.iter().map(|(name, _)| *name));
    regions
        .flat_map(|region| tenures().map(move |tenure| (region, tenure)))
        .flat_map(|(region, tenure)| {
            Age::ALL.iter().map(move |age| format!("{region}/{tenure}/{}", age.as_str()))
        })
        .collect()
});

const _: () =
    assert!(REGION_COUNT * TENURE_COUNT * BAND_COUNT < u16::MAX as usize, "a cohort's number has 16 bits");
