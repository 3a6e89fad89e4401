//! Finding the end of a value by its structure alone, bit by bit as its bytes arrive.

use crate::cursor::Cursor;
use crate::error::{Error, Reason};
use crate::value_type::{Part, Tags};

/// How deep parts lie within parts: streams have groups with consumers with pending entries.
const DEPTH: usize = 5;

/// Parts that are to be passed, some of them so far.
#[derive(Clone, Copy, Debug)]
struct Frame {
    parts: &'static [Part],
    /// The part that comes next.
    next: usize,
    /// How many times all parts are still to be passed, this time included.
    times: u64,
}

/// The way through a value.
#[derive(Clone, Debug)]
pub(crate) struct Skip {
    frames: [Frame; DEPTH],
    depth: usize,
    /// Offset of what comes next; behind the bytes there are when those end within a part.
    at: usize,
}

impl Skip {
    /// Begins with a value of these parts at an offset.
    pub(crate) fn new(parts: &'static [Part], at: usize) -> Self {
        let nothing = Frame { parts: &[], next: 0, times: 0 };
        let mut skip = Skip { frames: [nothing; DEPTH], depth: 0, at };
        skip.enter(parts, 1);
        skip
    }

    /// The offset reached: that of the value's end, once [`Self::run`] has found it.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn enter(&mut self, parts: &'static [Part], times: u64) {
        if times > 0 {
            self.frames[self.depth] = Frame { parts, next: 0, times };
            self.depth += 1;
        }
    }

    /// Moves on as far as the bytes go, which begin where those of earlier calls began. Returns whether the value ends
    /// within them.
    pub(crate) fn run(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        loop {
            match self.step(bytes) {
                Ok(true) => {}
                Ok(false) => return Ok(self.at <= bytes.len()),
                Err(Error { reason: Reason::End, .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Passes one part. Returns whether there was one.
    fn step(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        let Some(frame) = self.depth.checked_sub(1).map(|top| &mut self.frames[top]) else {
            return Ok(false);
        };
        let Some(part) = frame.parts.get(frame.next) else {
            frame.times -= 1;
            frame.next = 0;
            self.depth -= usize::from(frame.times == 0);
            return Ok(true);
        };
        let mut cursor = Cursor::starting_at(bytes, self.at);
        if self.at > bytes.len() {
            return Err(cursor.error(Reason::End));
        }
        let [first, second] = pass(part, &mut cursor)?;
        // Choices stay where they are until there is nothing to choose.
        let again = matches!(part, Part::Choices(..)) && !first.parts.is_empty();
        frame.next += usize::from(!again);
        self.at = cursor.at();
        self.enter(second.parts, second.times);
        self.enter(first.parts, first.times);
        Ok(true)
    }
}

/// Parts within a part, and how often they come.
struct Within {
    parts: &'static [Part],
    times: u64,
}

impl Within {
    const NOTHING: Within = Within { parts: &[], times: 0 };
}

/// Passes a part, or its beginning: then the parts within it are returned, in their order.
fn pass(part: &Part, cursor: &mut Cursor<'_>) -> Result<[Within; 2], Error> {
    match *part {
        Part::Text => cursor.skip_string()?,
        Part::Number => drop(cursor.number()?),
        Part::Bytes(count) => cursor.skip(count)?,
        Part::Score => match cursor.byte()? {
            // Not a number and the infinities have no text.
            253.. => {}
            len => cursor.skip(len.into())?,
        },
        Part::Each(parts) => return Ok([Within { parts, times: cursor.number()? }, Within::NOTHING]),
        Part::EachBehind(once, parts) => {
            let times = cursor.number()?;
            return Ok([Within { parts: once, times: 1 }, Within { parts, times }]);
        }
        Part::Choice(choices, tags) | Part::Choices(choices, tags) => {
            let start = cursor.at();
            let tag = cursor.number()?;
            let chosen = usize::try_from(tag).ok().and_then(|tag| choices.get(tag));
            let parts = chosen.ok_or(Error::new(start, unknown(tags, tag)))?;
            return Ok([Within { parts, times: 1 }, Within::NOTHING]);
        }
    }
    Ok([Within::NOTHING, Within::NOTHING])
}

fn unknown(tags: Tags, tag: u64) -> Reason {
    match tags {
        Tags::ModulePart => Reason::Module(tag),
        Tags::ArrayElement => Reason::ArrayElement(tag),
    }
}
