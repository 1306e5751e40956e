use super::*;

#[test]
fn every_weight_has_its_column() {
    let schema = detect::feature_schema(&detect::Profile::default());
    for (name, _) in WEIGHTS {
        assert!(schema.names().any(|column| column == name), "{name}");
    }
    plausible(&schema).expect("it fits the schema");
}
