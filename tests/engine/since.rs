//! Since when an agent is in the state that boards show.

use super::script::player_after;

/// The `since` of ann, in ms, after these orders.
fn since(orders: &str) -> u64 {
    let script = format!("0 queue q ring=0:fr:1 wrap=60\n0 agent ann fr:3\n{orders}");
    let records = player_after(&script).dump();
    let record = records
        .iter()
        .find(|record| record.key == "agent-state/ann");
    let state: serde_json::Value = serde_json::from_slice(&record.unwrap().value).unwrap();
    state["body"]["since"].as_u64().unwrap_or(0)
}

#[test]
fn a_state_lasts_since_it_was_entered() {
    let cases = [
        ("5 in ann", 5_000),
        ("5 in ann\n6 break ann", 6_000),
        // The same again, and a sign of life, begin nothing anew.
        ("5 in ann\n6 break ann\n7 break ann\n8 heard ann", 6_000),
        ("5 in ann\n9 route c1", 9_000),
        // It is offered until the conversation begins.
        ("5 in ann\n9 route c1\n10 accept ann o1", 9_000),
        (
            "5 in ann\n9 route c1\n10 accept ann o1\n12 answered c1 o1",
            12_000,
        ),
        // What is asked for next changes no state.
        (
            "5 in ann\n9 route c1\n10 accept ann o1\n12 answered c1 o1\n13 break ann\n14 ended c1",
            14_000,
        ),
    ];
    for (orders, expected) in cases {
        assert_eq!(since(orders), expected, "{orders}");
    }
}
