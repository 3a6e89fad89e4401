//! Storing a result under a key, in place of whatever is there.

use command::{Cx, Event};
use keyspace::{Expiry, ObjectBox, Value};
use structs::ranked::Ranked;

/// Stores a set under `destination`, or removes what is there if the set is empty. Answers its size.
pub(crate) fn store(cx: &mut Cx<'_>, destination: &[u8], set: Ranked, event: Event) -> usize {
    let (len, lazily) = (set.len(), cx.limits.lazy_server_del);
    let mut slot = cx.slot(destination);
    if len == 0 {
        slot.delete(Event::DEL, lazily);
    } else {
        slot.put_value(Value::Object(ObjectBox::new(set)), Expiry::Never, event);
    }
    len
}
