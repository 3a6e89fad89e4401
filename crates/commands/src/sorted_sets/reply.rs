//! How elements are shown.

use command::{Done, Reply, Seq};
use resp::Proto;
use structs::ranked::Element;

/// What is shown of an element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    /// The member.
    Member,
    /// The member and its score: one after the other in RESP2, a pair in RESP3.
    WithScore,
}

/// Answers `count` elements.
pub(super) fn elements<'e>(
    reply: Reply<'_>,
    shown: Shown,
    count: usize,
    elements: impl Iterator<Item = Element<'e>>,
) -> Done {
    match (shown, reply.proto()) {
        (Shown::Member, _) => {
            let mut list = reply.array(count);
            elements.for_each(|element| list.string(element.member.into()));
            list.done()
        }
        (Shown::WithScore, Proto::Resp2) => {
            let mut list = reply.array(2 * count);
            elements.for_each(|element| member_and_score(&mut list, element));
            list.done()
        }
        (Shown::WithScore, Proto::Resp3) => {
            let mut list = reply.array(count);
            pairs(&mut list, elements);
            list.done()
        }
    }
}

/// Writes each element as a pair.
pub(super) fn pairs<'e>(list: &mut Seq<'_>, elements: impl Iterator<Item = Element<'e>>) {
    elements.for_each(|element| member_and_score(&mut list.array(2), element));
}

/// Writes an element as member and score, one after the other.
pub(super) fn member_and_score(list: &mut Seq<'_>, element: Element<'_>) {
    list.string(element.member.into());
    list.double(element.score);
}
