use super::*;
use crate::life::{Life, token};
use crate::{HOUR, TOGETHER};

fn strength(linker: &Linker, one: &str, other: &str) -> f64 {
    linker.between(&token(one), &token(other)).map_or(0.0, |pair| pair.strength)
}

fn is_linked(life: &Life, one: &str, other: &str) -> bool {
    strength(&life.linker(), one, other) >= TOGETHER
}

/// Six accounts made within days on one network, on three devices.
fn farm(life: &mut Life) -> Vec<String> {
    let names: Vec<String> = (0..6).map(|n| format!("farm{n}")).collect();
    for (n, name) in names.iter().enumerate() {
        life.hours(5).created(name, &format!("phone{}", n % 3), "backroom");
    }
    for (n, name) in names.iter().enumerate() {
        life.hours(3).session(name, &format!("phone{}", (n + 1) % 3), "backroom");
        life.session(name, &format!("phone{}", (n + 2) % 3), "backroom");
    }
    names
}

#[test]
fn a_farm_is_linked_by_devices_and_a_burst() {
    let mut life = Life::default();
    farm(&mut life);
    assert!(is_linked(&life, "farm0", "farm5"));
    let pair = life.linker().between(&token("farm0"), &token("farm5")).unwrap();
    let kinds: Vec<&str> = pair.links.iter().map(|link| link.kind.as_str()).collect();
    assert_eq!(kinds, ["device", "network"]);
    assert_eq!((pair.links[0].count, pair.links[1].count), (3, 6));
}

#[test]
fn a_family_with_one_tablet_is_no_ring() {
    let mut life = Life::default();
    let family = [("mother", "35p"), ("father", "35p"), ("child1", "u13"), ("child2", "13_15")];
    for (name, age) in family {
        // All of them are new here.
        life.hours(6).created(name, "tablet", "home").aged(name, age);
    }
    for (one, _) in family {
        for (other, _) in family.iter().filter(|(other, _)| *other != one) {
            life.message_of_old(one, other);
        }
    }
    for (one, _) in family {
        for (other, _) in family.iter().filter(|(other, _)| *other != one) {
            assert!(!is_linked(&life, one, other), "{one} {other}");
        }
    }
}

#[test]
fn a_family_that_never_writes_to_each_other_and_lived_here_before_is_no_ring() {
    let mut life = Life::default();
    for (n, name) in ["aunt", "uncle", "niece"].iter().enumerate() {
        life.hours(24 * 30 * n as u64).created(name, "tablet", "home");
        life.session(name, "laptop", "home");
    }
    assert!(!is_linked(&life, "aunt", "uncle") && !is_linked(&life, "uncle", "niece"));
}

#[test]
fn a_library_computer_links_nobody() {
    let mut life = Life::default();
    for reader in 0..60 {
        life.hours(2).created(&format!("reader{reader}"), "own", &format!("home{reader}"));
        life.session(&format!("reader{reader}"), &format!("computer{}", reader % 3), "library");
        life.session(&format!("reader{reader}"), &format!("computer{}", (reader + 1) % 3), "library");
    }
    assert!(life.linker().links(TOGETHER).is_empty());
}

#[test]
fn a_school_where_all_register_in_one_week_is_no_ring() {
    let mut life = Life::default();
    let pupil = |n: usize| format!("pupil{n}");
    for n in 0..90 {
        life.minutes(40).created(&pupil(n), &format!("lab{}", n % 12), "school");
        life.session(&pupil(n), &format!("lab{}", (n + 5) % 12), "school");
    }
    for n in 0..90 {
        life.minutes(1).message_of_old(&pupil(n), &pupil((n + 1) % 90));
    }
    assert!(life.linker().links(TOGETHER).is_empty());
}

#[test]
fn freshers_week_is_no_ring() {
    let mut life = Life::default();
    let fresher = |n: usize| format!("fresher{n}");
    for n in 0..40 {
        life.minutes(90).created(&fresher(n), &format!("phone{n}"), "residence");
        life.session(&format!("elder{n}"), &format!("laptop{n}"), "residence");
    }
    // Strangers to each other, and everybody asks everybody within two evenings.
    for n in 0..40 {
        for step in 1..12 {
            life.minutes(2).ask(&fresher(n), &fresher((n + step) % 40));
        }
    }
    let linker = life.linker();
    assert!(linker.links(TOGETHER).is_empty(), "{:?}", linker.links(TOGETHER).first());
}

#[test]
fn accounts_that_ask_the_same_strangers_at_the_same_time_are_linked() {
    let mut life = Life::default();
    for n in 0..20 {
        life.hours(5).ask("left", &format!("victim{n}")).minutes(20).ask("right", &format!("victim{n}"));
    }
    assert!(is_linked(&life, "left", "right"));
}

#[test]
fn the_same_targets_days_apart_or_through_contacts_link_nobody() {
    let (mut apart, mut near) = (Life::default(), Life::default());
    for n in 0..20 {
        apart.ask("left", &format!("victim{n}"));
        near.hours(5).ask_friend("left", &format!("pal{n}")).ask_friend("right", &format!("pal{n}"));
    }
    apart.hours(24 * 6);
    for n in 0..20 {
        apart.ask("right", &format!("victim{n}"));
    }
    assert!(!is_linked(&apart, "left", "right") && !is_linked(&near, "left", "right"));
}

#[test]
fn whom_everybody_asks_links_nobody() {
    let mut life = Life::default();
    for fan in 0..40 {
        for star in 0..4 {
            life.minutes(3).ask(&format!("fan{fan}"), &format!("star{star}"));
        }
    }
    assert!(life.linker().links(TOGETHER).is_empty());
}

#[test]
fn who_comes_back_after_a_ban_is_linked_by_the_fifth_contact() {
    let mut life = Life::default();
    for n in 0..30 {
        life.hours(3).ask("before", &format!("minor{n}"));
    }
    life.hours(1).suspended("before").hours(48).created("after", "another", "elsewhere");
    for n in 0..4 {
        life.hours(2).ask("after", &format!("minor{}", 3 * n));
    }
    life.hours(2).ask("after", "new");
    let pair = life.linker().between(&token("before"), &token("after")).unwrap();
    assert!(pair.strength >= TOGETHER, "{pair:?}");
    assert!(pair.links.iter().any(|link| link.kind == crate::Kind::Return && link.count == 4));
    life.reinstated("before");
    assert!(!is_linked(&life, "before", "after"));
}

#[test]
fn an_old_account_with_many_contacts_is_nobodys_return() {
    let mut life = Life::default();
    life.created("busy", "own", "own").hours(24 * 60);
    for n in 0..30 {
        life.hours(3).ask("banned", &format!("minor{n}"));
    }
    life.suspended("banned");
    for n in 0..6 {
        life.hours(2).ask("busy", &format!("minor{}", 5 * n));
    }
    for n in 0..60 {
        life.minutes(30).ask("busy", &format!("other{n}"));
    }
    assert!(!is_linked(&life, "banned", "busy"));
}

#[test]
fn a_broken_link_stays_broken() {
    let mut life = Life::default();
    let names = farm(&mut life);
    let mut linker = life.linker();
    linker.break_link(&token("farm5"), &token("farm0"));
    linker.tick(&life.events);
    assert_eq!(strength(&linker, "farm0", "farm5"), 0.0);
    assert!(
        linker.is_broken(&token("farm0"), &token("farm5")) && strength(&linker, "farm0", &names[4]) > 0.5
    );
}

#[test]
fn links_fade_and_end() {
    let mut life = Life::default();
    farm(&mut life);
    let fresh = strength(&life.linker(), "farm0", "farm5");
    life.hours(24 * 45).session("somebody", "else", "away");
    let faded = strength(&life.linker(), "farm0", "farm5");
    life.hours(24 * 400).session("somebody", "else", "away");
    assert!(faded < 0.8 * fresh && faded > 0.0 && strength(&life.linker(), "farm0", "farm5") == 0.0);
}

#[test]
fn both_sides_see_the_same_pair() {
    let mut life = Life::default();
    let names = farm(&mut life);
    for (n, name) in names.iter().enumerate() {
        for victim in 0..9 {
            life.minutes(7).ask(name, &format!("victim{}", (victim * 3 + n) % 11));
        }
    }
    let linker = life.linker();
    for name in &names {
        for pair in linker.links_of(&token(name), 0.0) {
            let back = linker.links_of(pair.other(&token(name)), 0.0);
            assert!(back.contains(&pair), "{pair:?}");
        }
    }
}

#[test]
fn memory_of_an_account_is_bounded() {
    let mut life = Life::default();
    for n in 0..2000_u64 {
        life.minutes(1).ask("busy", &format!("target{n}")).ask(&format!("fan{n}"), "idol");
        life.session("busy", &format!("device{n}"), &format!("network{n}"));
        life.session(&format!("fan{n}"), "kiosk", "station");
    }
    let linker = life.linker();
    let of = |name: &str| linker.of(linker.number_of(&token(name)).unwrap()).clone();
    let (busy, idol) = (of("busy"), of("idol"));
    assert_eq!((busy.asked.len(), busy.devices.len(), busy.networks.len()), (256, 8, 8));
    assert_eq!(idol.asked_by.len(), 32);
    assert!(linker.places.iter().all(|place| place.members.len() <= 256));
    let least = |now: Second| now / HOUR;
    assert!(least(linker.now) > 0 && linker.footprint().edges > 2000);
}

#[test]
fn a_new_pupil_of_a_school_that_was_swept_is_nobodys_return() {
    let mut life = Life::default();
    for n in 0..30 {
        life.minutes(9).ask("banned", &format!("pupil{n}"));
    }
    life.hours(5).suspended("banned").hours(30).created("newcomer", "own", "own-home");
    for n in 0..8 {
        life.hours(3).ask_friend("newcomer", &format!("pupil{}", 3 * n));
    }
    assert!(!is_linked(&life, "banned", "newcomer"));
}

#[test]
fn a_large_burst_of_accounts_that_turn_to_strangers_is_one_ring() {
    let desks = |asks: usize| {
        let mut life = Life::default();
        for n in 0..60 {
            life.minutes(20).created(&format!("bot{n}"), &format!("phone{}", n / 6), "backroom");
        }
        for n in 0..60 {
            for victim in 0..asks {
                life.minutes(1).ask(&format!("bot{n}"), &format!("victim{n}-{victim}"));
            }
        }
        life
    };
    assert!(is_linked(&desks(6), "bot0", "bot59") && !is_linked(&desks(2), "bot0", "bot59"));
}
