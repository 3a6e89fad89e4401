//! LCS: the longest common subsequence of two strings.
//!
//! The classic table of lengths: `len[i][j]` belongs to the first `i` bytes of one and the first `j` of the other. Walking
//! it backwards from the end gives the subsequence and where its runs lie. The length alone needs two rows only.

use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// LCS
pub(super) const LCS: Command<Handler> = Command::new(
    Spec {
        name: "lcs",
        group: Group::String,
        since: "7.0.0",
        summary: "The longest common subsequence of two strings.",
        complexity: "O(N*M), N and M being their lengths",
        syntax: "LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::range(1, 1, 1, &[ReadOnly, Access])],
        examples: "\
> MSET a ohmytext b mynewtext
OK
> LCS a b
\"mytext\"
> LCS a b LEN
(integer) 6
> LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN
1) \"matches\"
2) 1) 1) 1) (integer) 4
         2) (integer) 7
      2) 1) (integer) 5
         2) (integer) 8
      3) (integer) 4
3) \"len\"
4) (integer) 6",
        ..Spec::DEFAULT
    },
    lcs,
);

const NOT_STRINGS: Error = Error::new("ERR The specified keys must contain string values");
const LEN_AND_IDX: Error = Error::new("ERR If you want both the length and indexes, please just use IDX.");
const TOO_LARGE: Error =
    Error::new("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");

fn lcs(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (a, b) = (args.key()?, args.key()?);
    let (a_len, b_len) = (string_len(cx, a), string_len(cx, b));
    let cells = (a_len? as u64 + 1).saturating_mul(b_len? as u64 + 1);
    let options = Options::read(args)?;
    if cells > cx.limits.max_string_bytes as u64 / size_of::<u32>() as u64 {
        return Err(TOO_LARGE);
    }
    let (a, b) = (string_of(cx, a), string_of(cx, b));
    if options.len {
        return Ok(reply.len(length(&a, &b)));
    }
    let table = Table::new(&a, &b);
    Ok(if options.idx { table.reply_runs(&options, reply) } else { reply.bulk(&table.subsequence()) })
}

/// The length of a key's string, which is asked for before any of it is copied: this counts as reading it.
fn string_len(cx: &mut Cx<'_>, key: &[u8]) -> Result<usize> {
    cx.read_string(key).map(|value| value.map_or(0, |value| value.text_len())).map_err(|_| NOT_STRINGS)
}

/// A copy of a string that was read: both keys can't be borrowed at once. Small beside the table.
fn string_of(cx: &mut Cx<'_>, key: &[u8]) -> Vec<u8> {
    let string = cx.look(key).and_then(|item| item.string().map(|value| value.to_vec()));
    string.unwrap_or_default()
}

struct Options {
    len: bool,
    idx: bool,
    min_match_len: usize,
    with_match_len: bool,
}

impl Options {
    fn read(args: &mut Args<'_>) -> Result<Options> {
        let mut options = Options { len: false, idx: false, min_match_len: 0, with_match_len: false };
        while !args.is_empty() {
            if args.take("IDX") {
                options.idx = true;
            } else if args.take("LEN") {
                options.len = true;
            } else if args.take("WITHMATCHLEN") {
                options.with_match_len = true;
            } else if args.take_with_value("MINMATCHLEN") {
                options.min_match_len = usize::try_from(args.int()?).unwrap_or(0);
            } else {
                return Err(Error::SYNTAX);
            }
        }
        if options.idx && options.len { Err(LEN_AND_IDX) } else { Ok(options) }
    }
}

/// The length of the longest common subsequence.
fn length(a: &[u8], b: &[u8]) -> usize {
    let mut row = vec![0_u32; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (at, y) in b.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if x == y { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[b.len()] as usize
}

/// All lengths, row by row.
struct Table<'a> {
    a: &'a [u8],
    b: &'a [u8],
    lengths: Vec<u32>,
}

/// A run of equal bytes: where it begins in either string, and its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    a: usize,
    b: usize,
    len: usize,
}

impl<'a> Table<'a> {
    fn new(a: &'a [u8], b: &'a [u8]) -> Table<'a> {
        let width = b.len() + 1;
        let mut lengths = vec![0_u32; (a.len() + 1) * width];
        for (i, x) in a.iter().enumerate() {
            let (above, below) = lengths[i * width..].split_at_mut(width);
            for (j, y) in b.iter().enumerate() {
                below[j + 1] = if x == y { above[j] + 1 } else { above[j + 1].max(below[j]) };
            }
        }
        Table { a, b, lengths }
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.lengths[i * (self.b.len() + 1) + j]
    }

    fn len(&self) -> usize {
        self.at(self.a.len(), self.b.len()) as usize
    }

    /// The matches from last to first: indexes of equal bytes in both strings.
    fn matches(&self) -> impl Iterator<Item = (usize, usize)> {
        let (mut i, mut j) = (self.a.len(), self.b.len());
        std::iter::from_fn(move || {
            while i > 0 && j > 0 {
                if self.a[i - 1] == self.b[j - 1] {
                    (i, j) = (i - 1, j - 1);
                    return Some((i, j));
                }
                if self.at(i - 1, j) > self.at(i, j - 1) { i -= 1 } else { j -= 1 }
            }
            None
        })
    }

    fn subsequence(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.matches().map(|(i, _)| self.a[i]).collect();
        bytes.reverse();
        bytes
    }

    /// The matches as runs that are contiguous in both strings, from last to first.
    fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (a, b) in self.matches() {
            match runs.last_mut() {
                Some(run) if run.a == a + 1 && run.b == b + 1 => *run = Run { a, b, len: run.len + 1 },
                _ => runs.push(Run { a, b, len: 1 }),
            }
        }
        runs
    }

    fn reply_runs(&self, options: &Options, reply: Reply<'_>) -> Done {
        let mut map = reply.map(2);
        map.bulk(b"matches");
        let mut runs = self.runs();
        runs.retain(|run| run.len >= options.min_match_len);
        let mut matches = map.array(runs.len());
        for run in runs {
            let mut entry = matches.array(2 + usize::from(options.with_match_len));
            for start in [run.a, run.b] {
                let mut range = entry.array(2);
                range.int(start as i64);
                range.int((start + run.len - 1) as i64);
            }
            if options.with_match_len {
                entry.int(run.len as i64);
            }
        }
        map.bulk(b"len");
        map.int(self.len() as i64);
        map.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_subsequence(short: &[u8], long: &[u8]) -> bool {
        let mut rest = long.iter();
        short.iter().all(|byte| rest.any(|other| other == byte))
    }

    /// The longest by trying every subset of the bytes of `a`.
    fn brute_force(a: &[u8], b: &[u8]) -> usize {
        let pick = |mask: u32| -> Vec<u8> {
            a.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, byte)| *byte).collect()
        };
        let common = (0..1_u32 << a.len()).filter(|mask| is_subsequence(&pick(*mask), b));
        common.map(u32::count_ones).max().unwrap_or(0) as usize
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(b'c')], 0..9)
    }

    proptest! {
        #[test]
        fn as_long_as_brute_force_finds(a in text(), b in text()) {
            let table = Table::new(&a, &b);
            let found = table.subsequence();
            prop_assert!(is_subsequence(&found, &a) && is_subsequence(&found, &b));
            prop_assert_eq!(found.len(), brute_force(&a, &b));
            prop_assert_eq!((table.len(), length(&a, &b)), (found.len(), found.len()));
            let mut joined: Vec<u8> = Vec::new();
            for run in table.runs().iter().rev() {
                prop_assert_eq!(&a[run.a..][..run.len], &b[run.b..][..run.len]);
                joined.extend(&a[run.a..][..run.len]);
            }
            prop_assert_eq!(joined, found);
        }
    }
}
