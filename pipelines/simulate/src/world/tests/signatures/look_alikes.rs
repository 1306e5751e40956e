//! B1 to B16, one by one.

use super::*;

fn share_of_minors(told: &Told, who: impl Iterator<Item = u32>) -> f64 {
    told.share(who, |first| told.is_minor(first.to))
}

fn a_week(told: &Told, who: u32) -> f64 {
    told.of_whom(who).firsts.len() as f64 / 5.0
}

fn adults(told: &Told) -> impl Iterator<Item = u32> + '_ {
    told.ordinary().filter(|who| !told.is_minor(*who))
}

#[test]
fn teachers_and_coaches_ask_minors_who_know_them_and_answer() {
    let told = Told::shared();
    for kind in [LookAlike::Teacher, LookAlike::YouthCoach] {
        let minors = share_of_minors(told, told.alike(kind));
        let usual = share_of_minors(told, adults(told));
        let to_minors = told.alike(kind).flat_map(|who| told.asked(who)).filter(|f| told.is_minor(f.to));
        let answered = mean(to_minors.map(|first| f64::from(u8::from(first.answered))));
        println!("{}: {minors:.2} minors, other adults {usual:.2}; {answered:.2} answered", kind.name());
        assert!(minors > 3.0 * usual && answered > 0.6);
    }
}

#[test]
fn those_who_left_school_keep_minors_among_their_contacts() {
    let told = Told::shared();
    let leavers = share_of_minors(told, told.alike(LookAlike::SchoolLeaver));
    let usual = share_of_minors(told, adults(told));
    println!("school leavers: {leavers:.2} minors, other adults {usual:.2}");
    assert!(leavers > 2.0 * usual);
}

#[test]
fn children_who_declare_an_adults_age_are_children() {
    let told = Told::shared();
    for who in told.alike(LookAlike::DeclaredAdult) {
        assert!(told.is_minor(who));
        if let Some((age, AgeSource::Declared)) = told.of_whom(who).declared {
            assert!(!matches!(age, Age::U13 | Age::From13To15 | Age::From16To17), "{age:?}");
        }
    }
    let (theirs, usual) =
        (share_of_minors(told, told.alike(LookAlike::DeclaredAdult)), share_of_minors(told, adults(told)));
    println!("children who declare an adult's age: {theirs:.2} minors, adults {usual:.2}");
    assert!(theirs > 2.0 * usual);
}

#[test]
fn relatives_talk_long_with_the_familys_children() {
    let told = Told::shared();
    let to_minors = |who: u32| {
        let minors = told.of_whom(who).to_whom.iter().filter(|(to, _)| told.is_minor(**to));
        minors.filter(|(_, n)| **n >= 5).count() as f64
    };
    let (theirs, usual) =
        (mean(told.alike(LookAlike::Relative).map(to_minors)), mean(adults(told).map(to_minors)));
    println!("relatives write often to {theirs:.2} minors, other adults to {usual:.2}");
    assert!(theirs > 1.5 * usual);
}

#[test]
fn a_new_number_tells_the_address_book_on_its_first_day() {
    let told = Told::shared();
    let people = &told.world.crowd.people;
    let told_of = told.alike(LookAlike::ChangedNumber).filter_map(|who| {
        let joins = people[who as usize].earlier.and(people[who as usize].joins)?;
        let soon = told.of_whom(who).firsts.iter().filter(|first| first.ts < joins + DAY);
        Some(soon.count() as f64)
    });
    let (soon, usual) = (median(told_of), median(told.ordinary().map(|who| a_week(told, who) / 7.0)));
    println!("changed numbers: {soon} first contacts on the first day, usual {usual:.2}");
    assert!(soon >= 6.0 && soon > 5.0 * usual);
}

#[test]
fn freshers_have_a_week_of_strangers_both_ways() {
    let told = Told::shared();
    let week = told.start() + 9 * DAY..told.start() + 20 * DAY;
    let within =
        |firsts: &[First]| firsts.iter().filter(|first| week.contains(&first.ts)).count() as f64 / 11.0;
    let inside = mean(told.alike(LookAlike::Fresher).map(|who| within(&told.of_whom(who).firsts)));
    let outside = mean(told.alike(LookAlike::Fresher).map(|who| {
        let seen = told.of_whom(who);
        seen.firsts.iter().filter(|first| !week.contains(&first.ts)).count() as f64 / 24.0
    }));
    let inbound = mean(told.alike(LookAlike::Fresher).map(|who| told.of_whom(who).inbound.len() as f64));
    println!(
        "freshers: {inside:.2} first contacts a day in those days, {outside:.2} else; {inbound:.1} inbound"
    );
    assert!(inside > 3.0 * outside && inbound > 5.0);
}

#[test]
fn organisers_add_people_of_whom_few_mind() {
    let told = Told::shared();
    let added: usize = told.alike(LookAlike::Organiser).map(|who| told.of_whom(who).added.len()).sum();
    let groups = mean(told.alike(LookAlike::Organiser).map(|who| f64::from(told.of_whom(who).groups)));
    let usual = mean(told.ordinary().map(|who| f64::from(told.of_whom(who).groups)));
    println!("organisers: {groups:.1} groups, others {usual:.2}; {added} added");
    assert!(groups > 5.0 * usual && added > 1_000);
}

#[test]
fn creators_are_turned_to_and_turn_to_few() {
    let told = Told::shared();
    let inbound = |who: u32| told.of_whom(who).inbound.len() as f64;
    let share = |who: u32| inbound(who) / (inbound(who) + told.of_whom(who).firsts.len() as f64).max(1.0);
    let minors =
        |who: u32| told.of_whom(who).inbound.iter().filter(|from| told.is_minor(**from)).count() as f64;
    let all = || told.alike(LookAlike::Creator);
    let (count, by_others, young) =
        (median(all().map(inbound)), median(all().map(share)), median(all().map(minors)));
    let usual = median(told.ordinary().map(inbound));
    println!("creators: {count} inbound, {young} from minors, {by_others:.2} begun by others; usual {usual}");
    assert!(count > 5.0 * usual && by_others > 0.7 && young > 10.0);
}

#[test]
fn institutions_recruiters_and_daters_ask_many_and_hear_from_few() {
    let told = Told::shared();
    let answered = |kind| told.share(told.alike(kind), |first| first.answered);
    let usual = told.share(told.ordinary(), |first| first.answered);
    let weekly = |kind| median(told.alike(kind).map(|who| a_week(told, who)));
    let base = median(told.ordinary().map(|who| a_week(told, who)));
    for kind in [LookAlike::Institution, LookAlike::Recruiter, LookAlike::Dater] {
        let (rate, asks, minors) = (answered(kind), weekly(kind), share_of_minors(told, told.alike(kind)));
        println!(
            "{}: {asks:.1} a week, usual {base:.1}; {rate:.2} answered, usual {usual:.2}; {minors:.2} minors",
            kind.name()
        );
        assert!(asks > 1.5 * base && rate < usual, "{}", kind.name());
        assert!(kind == LookAlike::Institution || minors < 0.12, "{}", kind.name());
    }
    let office = |kind| told.share_at(told.alike(kind), 8..18);
    let (theirs, ours) = (office(LookAlike::Recruiter), told.share_at(told.ordinary(), 8..18));
    println!("recruiters in office hours {theirs:.2}, others {ours:.2}");
    assert!(theirs > 1.2 * ours);
}

#[test]
fn clan_hosts_meet_all_ages_and_online_friends_meet_strangers() {
    let told = Told::shared();
    let hosts = share_of_minors(told, told.alike(LookAlike::ClanHost).filter(|who| !told.is_minor(*who)));
    let usual = share_of_minors(told, adults(told));
    println!("adult clan hosts: {hosts:.2} minors, other adults {usual:.2}");
    assert!(hosts > 2.0 * usual);
    let strangers = |who: &mut dyn Iterator<Item = u32>| {
        let people = &told.world.crowd.people;
        // Many follow a creator.
        let is_creator = |who: u32| people[who as usize].role.look_alike() == Some(LookAlike::Creator);
        told.share(who, |first| first.is_distant && !is_creator(first.to))
    };
    assert!(told.alike(LookAlike::OnlineFriends).all(|who| told.is_minor(who)));
    let online = strangers(&mut told.alike(LookAlike::OnlineFriends));
    let others = strangers(&mut told.ordinary().filter(|who| told.is_minor(*who)));
    println!("online friends: {online:.2} strangers, other minors {others:.2}");
    assert!(online > others);
}

#[test]
fn some_live_in_two_places_or_share_a_device_or_work_at_night() {
    let told = Told::shared();
    let abroad = |who: u32| {
        let countries = &told.of_whom(who).countries;
        let all: u32 = countries.values().sum();
        1.0 - f64::from(countries.values().copied().max().unwrap_or(0)) / f64::from(all.max(1))
    };
    let usual = mean(told.ordinary().map(abroad));
    let (homes, diaspora) = (
        mean(told.alike(LookAlike::TwoHomes).map(abroad)),
        mean(told.alike(LookAlike::Diaspora).map(abroad)),
    );
    println!("sessions elsewhere: two homes {homes:.2}, diaspora {diaspora:.2}, others {usual:.3}");
    assert!(homes > 5.0 * usual && diaspora > 2.0 * usual);

    let mut holders: HashMap<&Token, BTreeSet<u32>> = HashMap::new();
    for (who, seen) in (0..).zip(&told.seen) {
        seen.devices.iter().for_each(|device| {
            holders.entry(device).or_default().insert(who);
        });
    }
    let shares =
        |who: u32| f64::from(u8::from(told.of_whom(who).devices.iter().any(|d| holders[d].len() > 1)));
    let (theirs, ours) =
        (mean(told.alike(LookAlike::SharedDevice).map(shares)), mean(told.ordinary().map(shares)));
    println!("devices of several accounts: {theirs:.2}, others {ours:.2}");
    assert!(theirs > 2.0 * ours);

    let night = |who: &mut dyn Iterator<Item = u32>| told.share_at(who, 0..6);
    let (theirs, ours) = (night(&mut told.alike(LookAlike::NightWorker)), night(&mut told.ordinary()));
    println!("messages at night: night workers {theirs:.2}, others {ours:.2}");
    assert!(theirs > 3.0 * ours);
}
