//! Requests of families whose random arguments would seldom make sense together: ids that exist, groups that are there.

use super::{Draw, Request, Word, arguments};
use command::Group;

/// A family and its requests; those that aren't registered are left out. `$X` is a stream's key, `$K` any key, `$G` a group,
/// `$C` a consumer, `$i` an id that may be there, `$m` a number of milliseconds, `$n` a small number, `$v` a unique value.
const PATTERNS: &[&str] = &[
    "XADD $X 0-* f $v",
    "XADD $X 0-* f $v",
    "XADD $X 0-* f $v g $n",
    "XADD $X MAXLEN 4 0-* f $v",
    "XADD $X MINID $i 0-* f $v",
    "XADD $X * f $v",
    "XGROUP CREATE $X $G 0 MKSTREAM",
    "XGROUP CREATE $X $G 0 MKSTREAM",
    "XGROUP CREATE $X $G 0 MKSTREAM",
    "XGROUP CREATE $X $G 0 MKSTREAM",
    "XGROUP CREATE $X $G 0 MKSTREAM",
    "XGROUP CREATE $X $G $ MKSTREAM",
    "XGROUP CREATE $X $G $i MKSTREAM",
    "XGROUP SETID $X $G $i",
    "XGROUP DESTROY $X $G",
    "XGROUP CREATECONSUMER $X $G $C",
    "XGROUP DELCONSUMER $X $G $C",
    "XREADGROUP GROUP $G $C COUNT $n STREAMS $X >",
    "XREADGROUP GROUP $G $C STREAMS $X >",
    "XREADGROUP GROUP $G $C STREAMS $X 0",
    "XREADGROUP GROUP $G $C BLOCK $m STREAMS $X >",
    "XREADGROUP GROUP $G $C BLOCK $m STREAMS $X $X > >",
    "XREADGROUP GROUP $G $C NOACK BLOCK $m STREAMS $X >",
    "XREADGROUP GROUP $G $C BLOCK $m CLAIM $n STREAMS $X >",
    "XREAD BLOCK $m STREAMS $X $",
    "XREAD BLOCK $m STREAMS $X $X $i $",
    "XREAD COUNT $n STREAMS $X $i",
    "XACK $X $G $i $i",
    "XACKDEL $X $G IDS 2 $i $i",
    "XNACK $X $G FAIL IDS 1 $i",
    "XCLAIM $X $G $C 0 $i $i",
    "XCLAIM $X $G $C 0 $i FORCE JUSTID",
    "XAUTOCLAIM $X $G $C 0 0 COUNT $n",
    "XAUTOCLAIM $X $G $C $n $i",
    "XPENDING $X $G",
    "XPENDING $X $G - + 10",
    "XDEL $X $i $i",
    "XDELEX $X ACKED IDS 2 $i $i",
    "XTRIM $X MAXLEN $n",
    "XTRIM $X MAXLEN ~ $n",
    "XSETID $X $i",
    "XINFO STREAM $X FULL",
    "XRANGE $X $i +",
    "RENAME $X $X",
    "RENAME $K $K",
    "COPY $X $X REPLACE",
];

/// A request from one of the patterns.
pub(super) fn from_pattern(draw: &mut Draw<'_>) -> Option<Request> {
    let pattern = draw.pick(PATTERNS);
    let name = pattern.split(' ').next()?;
    draw.knows(name).then(|| pattern.split(' ').map(|word| Word::Text(fill(draw, word))).collect())
}

fn fill(draw: &mut Draw<'_>, word: &str) -> Vec<u8> {
    match word {
        "$X" if draw.one_in(16) => arguments::key(draw, Group::Stream),
        "$X" => draw.pick(&["stream1", "stream2{t}"]).as_bytes().to_vec(),
        "$K" => arguments::key(draw, Group::Generic),
        "$G" => draw.pick(&["g1", "g1", "g1", "g2"]).as_bytes().to_vec(),
        "$C" => draw.pick(&["c1", "c2"]).as_bytes().to_vec(),
        "$i" => format!("0-{}", draw.below(12)).into_bytes(),
        "$m" => draw.pick(&["3", "15", "60", "0"]).as_bytes().to_vec(),
        "$n" => (1 + draw.below(4)).to_string().into_bytes(),
        "$v" => draw.unique("u"),
        text => text.as_bytes().to_vec(),
    }
}
