//! What clients sent and were answered, with the order of these events.

use resp::reply::Value;

/// A request and what became of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The client.
    pub client: usize,
    /// The connection: CLIENT ID.
    pub connection: u64,
    /// The words.
    pub words: Vec<Vec<u8>>,
    /// When it was sent.
    pub sent: u64,
    /// When it began to wait for a key.
    pub parked: Option<u64>,
    /// When it was answered, and how. None: it never ran, because its connection was closed before. A client served
    /// while its connection was being closed has the reply that nobody received.
    pub replied: Option<(u64, Value)>,
    /// The offset of the journal that the reply depends on.
    pub depends_on: u64,
}

/// A command that ran, by itself or within a transaction.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The client.
    pub client: usize,
    /// The words.
    pub words: Vec<Vec<u8>>,
    /// When it was sent (in a transaction: when EXEC was).
    pub sent: u64,
    /// When it began to wait for a key.
    pub parked: Option<u64>,
    /// When it was answered.
    pub replied: u64,
    /// The answer.
    pub reply: Value,
    /// The connection: CLIENT ID.
    pub connection: u64,
    /// The offset of the journal that the answer depends on.
    pub depends_on: u64,
}

impl Operation {
    /// The command's name in capitals.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.words[0]).to_ascii_uppercase()
    }

    /// For reports.
    pub fn describe(&self) -> String {
        let words: Vec<String> = self.words.iter().map(|word| word.escape_ascii().to_string()).collect();
        let parked = self.parked.map_or(String::new(), |at| format!(", waiting since {at}"));
        format!(
            "client {} [{}..{}{parked}] {} -> {}",
            self.client,
            self.sent,
            self.replied,
            words.join(" "),
            show(&self.reply)
        )
    }
}

/// A reply in one line.
pub fn show(reply: &Value) -> String {
    match reply {
        Value::Simple(text) | Value::Error(text) | Value::Bulk(text) => text.escape_ascii().to_string(),
        Value::Int(n) => n.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        other => format!("{other:?}"),
    }
}

/// The commands that ran, transactions taken apart. The calls of each connection stand in the order of sending.
pub fn operations(calls: &[Call]) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut queue: Vec<&Call> = Vec::new();
    let mut connection = None;
    for call in calls {
        if connection != Some((call.client, call.connection)) {
            queue.clear();
            connection = Some((call.client, call.connection));
        }
        let Some((replied, reply)) = &call.replied else { continue };
        match (&call.words[0].to_ascii_uppercase()[..], reply) {
            (_, Value::Simple(text)) if text == b"QUEUED" => queue.push(call),
            (b"EXEC", Value::Array(replies)) => {
                let pairs = queue.drain(..).zip(replies);
                operations.extend(pairs.map(|(queued, reply)| ran(queued, call, *replied, reply)));
            }
            (b"EXEC" | b"DISCARD" | b"RESET", _) => queue.clear(),
            _ => operations.push(ran(call, call, *replied, reply)),
        }
    }
    operations
}

/// A command that ran when `by` did: by itself, or EXEC.
fn ran(call: &Call, by: &Call, replied: u64, reply: &Value) -> Operation {
    let (client, words, parked) = (call.client, call.words.clone(), call.parked);
    let (sent, connection, depends_on) = (by.sent, by.connection, by.depends_on);
    Operation { client, words, sent, parked, replied, reply: reply.clone(), connection, depends_on }
}
