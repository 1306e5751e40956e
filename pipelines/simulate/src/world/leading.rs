//! Teachers and youth coaches: adults who contact many minors for good reason.

use events::Surface;

use super::outreach::Ask;
use super::{Today, World};
use crate::SECOND;
use crate::contact::{COURTEOUS, Opening};
use crate::crowd::Kind;
use crate::dice::whole;

/// How they find those whom they lead (population design: group first, address book and QR code; the rest our
/// choice).
const SURFACES: [(Surface, f64); 6] = [
    (Surface::Group, 0.42),
    (Surface::PhoneImport, 0.20),
    (Surface::Qr, 0.14),
    (Surface::Link, 0.14),
    (Surface::Search, 0.06),
    (Surface::Suggested, 0.04),
];

/// Days over which an intake is spread.
const INTAKE_DAYS: u32 = 3;

impl World {
    /// Meets the class or club at its intake; outside of it, somebody new now and then.
    pub(super) fn lead(&mut self, today: &mut Today<'_>, intake: Option<u32>) {
        let is_intake = intake.is_some_and(|day| (day..day + INTAKE_DAYS).contains(&today.day));
        let led: Vec<u32> = self.led_by(today.who).filter(|who| self.is_new_to(today, *who)).collect();
        let mut ts = self.free_moment(today, None);
        for target in led {
            if today.dice.chance(if is_intake { 0.6 } else { 0.01 }) {
                self.approach_led(today, target, ts);
                ts += whole(today.dice.log_normal(60.0 * SECOND as f64, 1.0)).max(2 * SECOND);
            }
        }
        // A pupil of another class, a guest at the club, a child of the school choir.
        if today.dice.chance(0.12) {
            let region = self.crowd.people[today.who as usize].region;
            let near = |who: &u32| self.crowd.people[*who as usize].region == region;
            if let Some(target) = self.find_in(today, &self.crowd.minors).filter(near) {
                let ts = self.free_moment(today, None);
                self.approach_led(today, target, ts);
            }
        }
    }

    fn approach_led(&mut self, today: &mut Today<'_>, target: u32, ts: u64) {
        let surface = today.dice.weighted(&SURFACES);
        let opening = if today.dice.chance(0.4) { Opening::Message } else { Opening::Request };
        self.reach(today, Ask { target, ts, surface, opening }, &COURTEOUS);
    }

    /// The minors of the classes and clubs that the person belongs to.
    fn led_by(&self, who: u32) -> impl Iterator<Item = u32> + '_ {
        let communities = self.crowd.people[who as usize].communities.iter();
        let led = communities.map(|index| &self.crowd.communities[*index as usize]);
        led.filter(|community| matches!(community.kind, Kind::Class | Kind::Club))
            .flat_map(|community| community.members.iter().copied())
            .filter(|member| self.crowd.people[*member as usize].is_minor())
    }
}
