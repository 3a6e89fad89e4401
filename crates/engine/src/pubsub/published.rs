//! A message to subscribers.

use super::{Kind, LocalSubscribers, Name};
use crate::messages::{Push, Seat};

/// A message that was published, encoded for those who have subscribed to its channel, and for those of each pattern.
#[derive(Debug)]
pub(crate) struct Published {
    kind: Kind,
    channel: Box<[u8]>,
    /// For subscribers of the channel first, if there are some, then for those of the patterns.
    pushes: Vec<(Option<Name>, Push)>,
}

impl Published {
    /// A message on a channel (of this kind) that somebody has subscribed to if `direct`, and that matches `patterns`.
    pub(crate) fn new(kind: Kind, channel: &[u8], text: &[u8], direct: bool, patterns: &[Name]) -> Published {
        let name: &[u8] = if kind == Kind::ShardChannel { b"smessage" } else { b"message" };
        let plain = direct.then(|| (None, push([name, channel, text])));
        let matching =
            |pattern: &Name| (Some(pattern.clone()), push([b"pmessage", pattern.as_ref(), channel, text]));
        let pushes = plain.into_iter().chain(patterns.iter().map(matching)).collect();
        Published { kind, channel: channel.into(), pushes }
    }

    /// Tells of each of these subscribers that is to be sent something, and of what, in the order in which it gets it.
    #[inline]
    pub(crate) fn for_each_recipient(&self, local: &LocalSubscribers, tell: &mut dyn FnMut(Seat, usize)) {
        for (index, (pattern, _)) in self.pushes.iter().enumerate() {
            let seats = match pattern {
                None => local.of(self.kind, &self.channel),
                Some(pattern) => local.of(Kind::Pattern, pattern),
            };
            seats.iter().for_each(|seat| tell(*seat, index));
        }
    }

    /// One of its forms.
    #[inline]
    pub(crate) fn push(&self, index: usize) -> &Push {
        &self.pushes[index].1
    }
}

fn push<const N: usize>(words: [&[u8]; N]) -> Push {
    Push::new(N, |writer| words.iter().for_each(|word| writer.bulk(word)))
}
