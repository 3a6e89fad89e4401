//! DIGEST: a string's hash, for comparisons that needn't send the string.

use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};

/// Characters of a digest.
pub(super) const DIGEST_LEN: usize = 16;

/// XXH3, 64 bits, without a seed, in lower-case hexadecimal. Linear time.
pub(super) fn digest(text: &[u8]) -> [u8; DIGEST_LEN] {
    let hash = xxhash_rust::xxh3::xxh3_64(text);
    std::array::from_fn(|at| b"0123456789abcdef"[(hash >> (60 - 4 * at) & 15) as usize])
}

/// DIGEST
pub(super) const DIGEST: Command<Handler> = Command::new(
    Spec {
        name: "digest",
        group: Group::String,
        since: "8.4.0",
        summary: "The XXH3 digest of a string in hexadecimal.",
        complexity: "O(N), N being the string's length",
        syntax: "DIGEST key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> SET greeting \"Hello world\"
OK
> DIGEST greeting
\"b6acb9d84a38ff74\"
> DIGEST nothing
(nil)",
        ..Spec::DEFAULT
    },
    run,
);

fn run(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(match cx.read_string(args.key()?)? {
        Some(value) => reply.bulk(&value.with_text(digest)),
        None => reply.null(),
    })
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn known_digests() {
        let cases: [(&[u8], &[u8; 16]); 5] = [
            (b"hello", b"9555e8555c62dcfd"),
            (b"", b"2d06800538d394c2"),
            (b"123", b"404a763b3f4c8c9a"),
            (b"v8", b"0cc76dbb41381419"),
            (b"Hello world", b"b6acb9d84a38ff74"),
        ];
        for (text, expected) in cases {
            assert_eq!(&digest(text), expected);
        }
    }
}
