use schema::{Direction, Feature, ReasonCode, Transform, Unit, Vector};

use super::*;

fn schema() -> Schema {
    let feature = |name: &str| Feature {
        name: name.to_owned(),
        meaning: "a number".to_owned(),
        unit: Unit::Accounts,
        window: None,
        family: schema::Family::Targeting,
        reason: ReasonCode::RC01,
        direction: Direction::More,
        transform: Transform::Identity,
        sentence: "{value}",
        null_when: Some("unknown"),
        unavailable: None,
    };
    Schema::new(vec![feature("a"), feature("b")])
}

const TEXT: &str = "tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:2
feature_names=b a
feature_infos=[0:1] [0:1]
tree_sizes=300 60

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=1 1
threshold=0.5 1.5
decision_type=10 0
left_child=-1 -2
right_child=1 -3
leaf_value=0.25 -0.5 1
leaf_weight=1 1 1
leaf_count=10 20 30
internal_value=0 0
internal_weight=0 0
internal_count=60 50
is_linear=0
shrinkage=0.1


Tree=1
num_leaves=1
num_cat=0
leaf_value=-3


end of trees
";

#[test]
fn it_goes_where_lightgbm_goes() {
    let (trees, calibration) = read(TEXT, &schema()).unwrap();
    let score = |a: f64, b: f64| trees.score(&Vector::new(vec![a, b]));
    assert_eq!(score(9.0, 0.5), -2.75, "what is equal goes left");
    assert_eq!(score(9.0, f64::NAN), -2.75, "an absent b goes left");
    assert_eq!(score(1.5, 0.6), -3.5);
    assert_eq!(score(f64::NAN, 0.6), -3.5, "an absent a is 0, as none was absent in training");
    assert_eq!(score(1.6, 0.6), -2.0);
    assert_eq!(calibration, Calibration::platt(2.0, 0.0));
    assert!(trees.is_sound());
}

#[test]
fn what_is_absent_is_parted_from_all_else() {
    let text =
        TEXT.replace("threshold=0.5 ", "threshold=1.7976931348623157e+308 ").replace("type=10 0", "type=8 0");
    let (trees, _) = read(&text, &schema()).unwrap();
    let score = |b: f64| trees.score(&Vector::new(vec![9.0, b]));
    assert_eq!([score(1e300), score(-1e300), score(f64::NAN)], [-2.75, -2.75, -2.0]);
    assert!(trees.is_sound());
}

#[test]
fn what_cannot_be_imported_is_refused() {
    let refused = |from: &str, to: &str| read(&TEXT.replace(from, to), &schema()).unwrap_err().to_string();
    assert!(refused("binary sigmoid:2", "regression").contains("objective=binary"));
    assert!(refused("feature_names=b a", "feature_names=b c").contains("no feature \"c\""));
    assert!(refused("decision_type=10", "decision_type=1").contains("categories"));
    assert!(refused("decision_type=10", "decision_type=6").contains("zeros"));
    assert!(refused("threshold=0.5 1.5", "threshold=0.5").contains("tree 0: expected threshold"));
    assert!(refused("left_child=-1 -2", "left_child=0 -2").contains("left_child"), "a circle");
    assert!(refused("leaf_count=10 20 30", "").contains("leaf_count"));
    assert!(refused("Tree=", "Shrub=").contains("Tree"));
    assert!(refused("version=v4", "average_output").contains("boosted"));
}
