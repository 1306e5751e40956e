//! The shipped profiles, and what is refused.

use std::collections::BTreeSet;

use super::*;
use crate::feature_schema;
use crate::features::needs;

/// What each shipped profile leaves out, by the names of the definitions, in the order of the page.
const LEFT_OUT: [(&str, &str); 4] = [
    ("discovery", ""),
    (
        "number",
        "gate_probe gate_probe_minors gate_probe_share gate_probe_switch surface_skew_minor open_discovery_share \
         view_minor_expected view_to_request_minor group_to_dm_funnel accept_rate_all accept_rate_minor \
         accept_rate_minor_distant accept_stale_minor accept_by_age_gap accept_by_age_slope regime_shift_surface \
         age_edit_after_gate mutual_manufacture mutual_manufacture_seeded target_susceptibility_weighted gate_probe_z",
    ),
    (
        "sealed",
        "fc_rate_all fc_minor_expected fc_minor_hard minor_share_excess minor_share_llr pair_age_gap_exp \
         pair_age_gap_wide minor_cusum gate_probe gate_probe_minors gate_probe_share gate_probe_switch \
         surface_skew_minor open_discovery_share view_minor_expected view_to_request_minor group_minor_access \
         group_minor_joins group_to_dm_funnel inbound_initiation_share accept_rate_all accept_rate_minor \
         accept_rate_minor_distant accept_stale_minor accept_by_age_gap accept_by_age_slope reply_rate \
         reply_rate_minor one_sided_ratio unreplied_run stranger_share addrbook_asymmetry group_inject_added \
         group_inject_minors group_inject_left groups_created burst_first_contacts new_account_velocity \
         new_account_messages modality_escalation modality_escalation_fastest reply_asym_latency reply_night_minor \
         night_minor unsend_cleanup unsend_before_protest off_platform_drop regime_shift_surface regime_shift_minor \
         regime_shift_rate automation_untyped forward_broadcast forward_share age_edit_after_gate age_inconsistency \
         age_inconsistency_sd region_mismatch mutual_manufacture mutual_manufacture_seeded \
         target_susceptibility_weighted ban_evasion_recontact victim_protest victim_protest_share \
         victim_protest_late blocks reports_by_minors fc_rate_all_z fc_minor_expected_z gate_probe_z group_inject_z",
    ),
    ("mailbox", "addrbook_asymmetry automation_untyped forward_broadcast forward_share"),
];

/// What a profile leaves out: names without their windows, each once.
fn left_out(profile: &Profile) -> Vec<String> {
    let schema = feature_schema(profile);
    let without_window = |feature: &schema::Feature| {
        let name = feature.name.strip_suffix("_pct").unwrap_or(&feature.name);
        let window = feature.window.map(|w| format!("_{}", w.name())).unwrap_or_default();
        name.strip_suffix(&window).unwrap_or(name).to_owned()
    };
    let mut names: Vec<String> =
        schema.features().iter().filter(|f| f.unavailable.is_some()).map(without_window).collect();
    names.dedup();
    names
}

#[test]
fn every_shipped_profile_leaves_out_what_it_says() {
    for (text, (name, expected)) in SHIPPED.iter().zip(LEFT_OUT) {
        let profile = Profile::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(profile.name(), name);
        assert_eq!(Profile::shipped(name), Some(profile.clone()));
        assert_eq!(left_out(&profile).join(" "), expected, "{name}");
    }
    assert_eq!(Profile::names(), LEFT_OUT.map(|(name, _)| name));
}

#[test]
fn every_shipped_profile_has_a_schema_of_its_own() {
    let hash = |name: &String| feature_schema(&Profile::shipped(name).unwrap()).hash().to_owned();
    let hashes: BTreeSet<String> = Profile::names().iter().map(hash).collect();
    assert_eq!(hashes.len(), SHIPPED.len());
    assert!(hashes.contains(feature_schema(&Profile::default()).hash()), "nothing is missing by default");
}

#[test]
fn what_features_need_is_in_the_contract() {
    let unknown: BTreeSet<&str> = needs().filter(|need| !CONTRACT.contains(*need)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    for event_type in events::EventType::ALL {
        assert!(CONTRACT.contains(event_type.as_str()), "{event_type:?}");
    }
    for named in
        ["message.sent.target", "gate.refused", "ctx.p_minor", "rel.mutuals", "contact.requested.surface"]
    {
        assert!(CONTRACT.contains(named), "{named}");
    }
    for common in ["message.sent.id", "message.sent.actor", "contact.requested.target", "ctx.id", "rel.rel"] {
        assert!(!CONTRACT.contains(common), "{common}");
    }
}

#[test]
fn a_misspelt_name_is_refused_with_what_could_be_meant() {
    let error = Profile::parse("name = \"mine\"\nlacks = [\"gate.refuzed\"]").unwrap_err().to_string();
    assert!(error.contains("\"gate.refuzed\""), "{error}");
    assert!(error.contains("gate.refused, ") && error.contains("rel.mutuals"), "{error}");
}

#[test]
fn what_is_no_profile_is_refused() {
    for text in
        ["", "name = \"mine\"", "name = 1\nlacks = []", "name = \"mine\"\nlacks = []\nhas = []", "name ="]
    {
        let error = Profile::parse(text).unwrap_err();
        assert_eq!(error.to_string(), "not a profile: expected `name` and `lacks`", "{text}");
    }
}

#[test]
fn a_field_goes_with_its_type_and_an_alternative_suffices() {
    let lacking = |lacks: &str, needs: &[&str]| {
        Profile::parse(&format!("name = \"mine\"\nlacks = [{lacks}]")).unwrap().lacking(needs)
    };
    let either: &[&str] = &["message.sent.kind|call.placed", "ctx.age"];
    assert_eq!(lacking("", either), None);
    assert_eq!(lacking("\"message.sent.kind\"", either), None);
    assert_eq!(lacking("\"message.sent\"", either), None);
    let both = lacking("\"message.sent\", \"call.placed\"", either);
    assert_eq!(both.as_deref(), Some("mine has no message.sent.kind or call.placed"));
    let all = lacking("\"message.sent\", \"call.placed\", \"ctx.age\"", either);
    assert_eq!(all.as_deref(), Some("mine has no message.sent.kind or call.placed, no ctx.age"));
}
