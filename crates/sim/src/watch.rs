//! What a virtual client sees with MONITOR.

use resp::reply::Value;

/// The lines that came from one MONITOR up to its end.
#[derive(Clone, Debug)]
pub struct Span {
    /// When MONITOR was sent.
    pub asked: u64,
    /// When it was answered.
    pub began: u64,
    /// When RESET was sent that ended it, or the connection was closed; none: it goes on.
    pub left: Option<u64>,
    /// The connection was closed: what was on its way then has been lost.
    pub closed: bool,
    /// The lines.
    pub lines: Vec<Vec<u8>>,
}

/// A client's lines, those of all its connections.
#[derive(Clone, Default, Debug)]
pub struct Watch(Vec<Span>);

impl Watch {
    /// All that was seen, in its order.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    fn present(&mut self) -> Option<&mut Span> {
        self.0.last_mut().filter(|span| span.left.is_none())
    }

    /// Takes a line in. Answers whether it is one.
    pub(crate) fn take(&mut self, value: &Value) -> bool {
        match (self.present(), value) {
            (Some(span), Value::Simple(line)) if line.first().is_some_and(u8::is_ascii_digit) => {
                span.lines.push(line.clone());
                true
            }
            _ => false,
        }
    }

    /// Takes in the reply, at `stamp`, to a request that was sent at `asked`.
    pub(crate) fn replied(&mut self, words: &[Vec<u8>], (asked, stamp): (u64, u64), reply: &Value) {
        match (&words[0][..], reply) {
            (b"MONITOR", Value::Simple(_)) if self.present().is_none() => {
                let (left, closed, lines) = (None, false, Vec::new());
                self.0.push(Span { asked, began: stamp, left, closed, lines });
            }
            (b"RESET", Value::Simple(_)) => self.end(asked, false),
            _ => {}
        }
    }

    /// The connection is closed.
    pub(crate) fn close(&mut self, stamp: u64) {
        self.end(stamp, true);
    }

    fn end(&mut self, at: u64, closed: bool) {
        if let Some(span) = self.present() {
            (span.left, span.closed) = (Some(at), closed);
        }
    }
}
