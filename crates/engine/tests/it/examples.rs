//! The examples in the declarations give the replies that they show.

use crate::rig::Rig;
use command::transcript::{exchanges, print};

#[test]
fn examples_are_true() {
    let registry = redstart_engine::registry();
    for command in registry.all() {
        let mut rig = Rig::new();
        let client = rig.connect();
        for exchange in exchanges(command.spec.examples) {
            let replies = rig.ask(client, exchange.command);
            let printed: Vec<String> = replies.iter().map(print).collect();
            assert_eq!(printed.join("\n"), exchange.reply, "{}: > {}", command.full_name, exchange.command);
        }
    }
}
