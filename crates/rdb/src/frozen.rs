//! Writing a large value bit by bit, so that no buffer has to hold all of it.

use crate::encode::Encoder;
use crate::lzf::Compressor;
use crate::object::Progress;
use crate::write;
use keyspace::{Frozen, ObjectBox, Str};
use structs::blob::FrozenBlob;

/// Bytes of a long string that are handled at once. Compressed pieces in a row are compressed bytes.
const PIECE: usize = 64 << 10;

/// A key with a value that nobody changes any more, and how far it is written.
pub struct FrozenEncoder {
    key: Vec<u8>,
    expiry_ms: Option<i64>,
    access: u32,
    state: State,
}

enum State {
    /// Nothing is written.
    New(Frozen),
    /// The bytes from an offset on are left to be compressed, to learn how many that makes.
    Measuring(FrozenBlob, Place),
    /// The bytes from an offset on are left to be written; the string's head is.
    Writing(FrozenBlob, Place),
    /// Parts of an object are left; its key and type are written.
    Object(ObjectBox, Progress),
    End,
}

/// A place in a long string.
#[derive(Clone, Copy, Default)]
struct Place {
    offset: usize,
    /// Bytes that the string before it makes, compressed.
    compressed: usize,
    /// Whether the string is written compressed.
    compress: bool,
}

impl FrozenEncoder {
    /// Begins with a key: its name, when it expires, its access bits, its value.
    pub fn new(key: Vec<u8>, expiry_ms: Option<i64>, access: u32, value: Frozen) -> Self {
        FrozenEncoder { key, expiry_ms, access, state: State::New(value) }
    }

    /// Does about as much as appending `budget` bytes takes, or what is left if that is less. A string is divided
    /// anywhere; a node of a list or a block of a stream is begun below the budget and written whole. Returns whether
    /// something is left.
    ///
    /// All calls must be given encoders with the same options.
    pub fn step(&mut self, encoder: &mut Encoder, out: &mut Vec<u8>, budget: usize) -> bool {
        let enough = out.len().saturating_add(budget);
        self.state = match std::mem::replace(&mut self.state, State::End) {
            State::New(value) => self.begin(value, encoder, out, enough),
            State::Measuring(blob, place) => measure(blob, place, budget, encoder.compressor(), out),
            State::Writing(blob, place) => write_blob(blob, place, enough, encoder.compressor(), out),
            State::Object(object, progress) => write_object(object, progress, encoder, out, enough),
            State::End => State::End,
        };
        !matches!(self.state, State::End)
    }

    fn begin(&self, value: Frozen, encoder: &mut Encoder, out: &mut Vec<u8>, enough: usize) -> State {
        match value {
            Frozen::Int(number) => self.text(&Str::Int(number), encoder, out),
            Frozen::Bytes(bytes) => self.text(&Str::Bytes(&bytes), encoder, out),
            Frozen::Blob(blob) => {
                encoder.text_head(out, &self.key, self.expiry_ms, self.access);
                State::Measuring(blob, Place::default())
            }
            Frozen::Object(object) => {
                encoder.object_head(out, &self.key, self.expiry_ms, self.access, object.get());
                let progress = Progress::new(object.get());
                write_object(object, progress, encoder, out, enough)
            }
        }
    }

    fn text(&self, text: &Str<'_>, encoder: &mut Encoder, out: &mut Vec<u8>) -> State {
        encoder.text_head(out, &self.key, self.expiry_ms, self.access);
        encoder.text_value(out, text);
        State::End
    }
}

fn write_object(
    object: ObjectBox,
    mut progress: Progress,
    encoder: &mut Encoder,
    out: &mut Vec<u8>,
    enough: usize,
) -> State {
    let more = progress.step(object.get(), &mut encoder.output(out, enough));
    if more { State::Object(object, progress) } else { State::End }
}

/// Finds out how many bytes a string is when compressed, and writes its head.
fn measure(
    blob: FrozenBlob,
    mut place: Place,
    budget: usize,
    compressor: Option<&mut Compressor>,
    out: &mut Vec<u8>,
) -> State {
    let mut piece = vec![0; PIECE];
    let stop = place.offset.saturating_add(budget.max(1)).min(blob.len());
    if let Some(compressor) = compressor {
        while place.offset < stop {
            let read = blob.read(place.offset, &mut piece);
            place.compressed += compressor.compress(&piece[..read], usize::MAX).map_or(read, <[u8]>::len);
            place.offset += read;
        }
        if place.offset < blob.len() {
            return State::Measuring(blob, place);
        }
        place.compress = write::is_worth_compressing(blob.len(), place.compressed);
    }
    if place.compress {
        write::compressed_head(out, place.compressed, blob.len());
    } else {
        write::number(out, blob.len() as u64);
    }
    State::Writing(blob, Place { offset: 0, ..place })
}

fn write_blob(
    mut blob: FrozenBlob,
    mut place: Place,
    enough: usize,
    mut compressor: Option<&mut Compressor>,
    out: &mut Vec<u8>,
) -> State {
    let mut piece = vec![0; PIECE];
    while place.offset < blob.len() && out.len() < enough {
        let read = blob.read(place.offset, &mut piece);
        let compressed = compressor
            .as_deref_mut()
            .filter(|_| place.compress)
            .and_then(|compressor| compressor.compress(&piece[..read], usize::MAX));
        out.extend_from_slice(compressed.unwrap_or(&piece[..read]));
        place.offset += read;
        blob.release(place.offset);
    }
    if place.offset < blob.len() { State::Writing(blob, place) } else { State::End }
}
