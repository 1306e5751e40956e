use super::*;

#[test]
fn every_route_behind_the_guard_has_a_rule_and_every_rule_a_route() {
    let document = crate::http::auth_routes().into_openapi();
    let mut routes = Vec::new();
    for (path, item) in &document.paths.paths {
        let methods =
            [("GET", &item.get), ("POST", &item.post), ("DELETE", &item.delete), ("PUT", &item.put)];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                let act = operation.operation_id.clone().unwrap();
                routes.push((method.to_owned(), path.clone(), act));
            }
        }
    }
    let mut rules: Vec<_> = RULES
        .iter()
        .map(|rule| (rule.method.to_owned(), rule.path.to_owned(), rule.act.to_owned()))
        .collect();
    routes.sort();
    rules.sort();
    assert_eq!(routes, rules);
}
