//! ISO 3166-1 alpha-2 country codes, as a closed list.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The officially assigned codes of ISO 3166-1 (249 of them), sorted.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN \
BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC \
EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR \
HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT \
LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP \
NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL \
SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE \
VG VI VN VU WF WS YE YT ZA ZM ZW";

/// By first letter, which second letters make a code: bit 0 stands for A.
const ASSIGNED: [u32; 26] = {
    let (codes, mut assigned, mut at) = (CODES.as_bytes(), [0; 26], 0);
    while at < codes.len() {
        assigned[(codes[at] - b'A') as usize] |= 1 << (codes[at + 1] - b'A');
        at += 3;
    }
    assigned
};

/// An officially assigned ISO 3166-1 alpha-2 country code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    pub(crate) const EXPECTED: &'static str = "country must be an ISO 3166-1 alpha-2 code";

    /// Every code, in alphabetical order.
    pub fn all() -> impl Iterator<Item = Country> {
        CODES.split(' ').filter_map(|code| code.as_bytes().try_into().ok().map(Country))
    }

    /// The code's two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The country of a code, or none where no such code is assigned.
    pub fn from_code(code: &str) -> Option<Country> {
        Self::from_letters(code.as_bytes().try_into().ok()?)
    }

    pub(crate) fn from_letters(letters: [u8; 2]) -> Option<Country> {
        let [first, second] = letters.map(|letter| usize::from(letter.wrapping_sub(b'A')));
        let is_assigned =
            ASSIGNED.get(first).is_some_and(|seconds| second < 26 && seconds >> second & 1 == 1);
        is_assigned.then_some(Country(letters))
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Country;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a country code")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Country, E> {
                Country::from_code(text).ok_or_else(|| E::custom(Country::EXPECTED))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for Country {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Country".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<&str> = CODES.split(' ').collect();
        json_schema!({ "type": "string", "enum": codes, "description": "ISO 3166-1 alpha-2" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_one_of_the_list() {
        let all: Vec<Country> = Country::all().collect();
        assert_eq!(all.len(), 249);
        for first in 0..=255 {
            for second in 0..=255 {
                let is_listed = all.contains(&Country([first, second]));
                assert_eq!(Country::from_letters([first, second]).is_some(), is_listed, "{first} {second}");
            }
        }
    }
}
