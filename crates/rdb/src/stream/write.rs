//! Writing a stream, with pauses.

use super::groups::GroupProgress;
use super::{Form, id_bytes, producers};
use crate::encode::Output;
use structs::stream::{Stream, StreamId};

/// How far a stream is written.
pub(crate) enum Progress {
    Start,
    /// Blocks, from the one that begins with this id on.
    Blocks(StreamId),
    /// Groups: those left, the next one last.
    Groups(Vec<Box<[u8]>>, GroupProgress),
    End,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Progress::Start
    }

    /// Appends parts until the output is full. Returns whether some are left.
    pub(crate) fn step(&mut self, stream: &Stream, output: &mut Output<'_>) -> bool {
        let form = Form::for_stream(stream, output.version);
        loop {
            *self = match self {
                Progress::Start => {
                    output.number(stream.log().blocks() as u64);
                    Progress::Blocks(StreamId::MIN)
                }
                Progress::Blocks(from) => match write_blocks(stream, *from, output) {
                    Some(next) => Progress::Blocks(next),
                    None => {
                        write_counters(stream, form, output);
                        let mut names: Vec<Box<[u8]>> =
                            stream.groups().map(|(name, _)| name.into()).collect();
                        names.reverse();
                        output.number(names.len() as u64);
                        Progress::Groups(names, GroupProgress::Start)
                    }
                },
                Progress::Groups(names, progress) => match names.last() {
                    Some(name) => {
                        let group = stream.group(name).expect("a group of this stream, which doesn't change");
                        if !progress.step(name, group, form, output) {
                            names.pop();
                            *progress = GroupProgress::Start;
                        }
                        if !output.is_full() {
                            continue;
                        }
                        return true;
                    }
                    None => {
                        if form >= Form::Producers {
                            producers::encode(stream, output);
                        }
                        Progress::End
                    }
                },
                Progress::End => return false,
            };
            if output.is_full() && !matches!(self, Progress::End) {
                return true;
            }
        }
    }
}

/// Appends blocks from an id on until the output is full. Returns the id of the next one, if any is left.
fn write_blocks(stream: &Stream, from: StreamId, output: &mut Output<'_>) -> Option<StreamId> {
    let mut listpack = Vec::new();
    for block in stream.log().block_bytes_from(from) {
        if output.is_full() {
            return Some(block.id());
        }
        output.blob(&id_bytes(block.id()));
        listpack.clear();
        block.push_listpack_to(&mut listpack);
        output.blob(&listpack);
    }
    None
}

fn write_counters(stream: &Stream, form: Form, output: &mut Output<'_>) {
    let id = |id: StreamId, output: &mut Output<'_>| {
        output.number(id.ms);
        output.number(id.seq);
    };
    output.number(stream.len());
    id(stream.last_id(), output);
    if form >= Form::Counted {
        id(stream.first_id(), output);
        id(stream.max_deleted_id(), output);
        output.number(stream.entries_added());
    }
}

/// What the stream's form has no place for: see [`crate::extension`].
pub(crate) fn extension(stream: &Stream, output: &mut Output<'_>) -> bool {
    let wanted = Form::for_stream(stream, output.version) < Form::Producers && stream.producers().is_some();
    if wanted {
        producers::encode(stream, output);
    }
    wanted
}
