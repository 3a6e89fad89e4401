//! Lines of quoted arguments (inline commands, configuration files), and the quoting that reverses it.
//!
//! - arguments are separated by ASCII whitespace
//! - `"..."` knows the escapes `\n \r \t \b \a` and `\xHH`; a backslash before any other byte means that byte
//! - `'...'` knows only `\'`
//! - a closing quote must be followed by whitespace or the end

/// A quote that is never closed, or closed in the middle of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unbalanced;

/// The arguments of `line`, unquoted; `None` if its quotes are unbalanced. Linear time.
pub fn split_args(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut args = Vec::new();
    let mut arg = Vec::new();
    let mut rest = line;
    while let Some(tail) = next_arg(rest, &mut arg).ok()? {
        args.push(std::mem::take(&mut arg));
        rest = tail;
    }
    Some(args)
}

/// Appends the first argument of `line`, unquoted, to `out`; returns what follows it, or `None` if there is none.
///
/// # Errors
/// [`Unbalanced`] quotes; `out` then holds a part of the argument.
pub fn next_arg<'a>(line: &'a [u8], out: &mut Vec<u8>) -> Result<Option<&'a [u8]>, Unbalanced> {
    let Some(start) = line.iter().position(|&byte| !is_space(byte)) else { return Ok(None) };
    let mut rest = &line[start..];
    loop {
        rest = match rest {
            // Vertical tab and form feed separate arguments, but don't end an unquoted one.
            [] | [b' ' | b'\n' | b'\r' | b'\t', ..] => return Ok(Some(rest)),
            [b'"', tail @ ..] => return double_quoted(tail, out).map(Some),
            [b'\'', tail @ ..] => return single_quoted(tail, out).map(Some),
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        }
    }
}

/// Appends what stands before the closing quote; returns what follows that.
fn double_quoted<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    loop {
        let (byte, tail) = match rest {
            [b'"', tail @ ..] => return after_quote(tail),
            [b'\\', escaped @ ..] if !escaped.is_empty() => unescape(escaped),
            [byte, tail @ ..] => (*byte, tail),
            [] => return Err(Unbalanced),
        };
        out.push(byte);
        rest = tail;
    }
}

/// As [`double_quoted`], with the one escape of single quotes.
fn single_quoted<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    loop {
        let (byte, tail) = match rest {
            [b'\'', tail @ ..] => return after_quote(tail),
            [b'\\', b'\'', tail @ ..] => (b'\'', tail),
            [byte, tail @ ..] => (*byte, tail),
            [] => return Err(Unbalanced),
        };
        out.push(byte);
        rest = tail;
    }
}

/// A closing quote ends the argument.
fn after_quote(rest: &[u8]) -> Result<&[u8], Unbalanced> {
    match rest.first() {
        Some(&byte) if !is_space(byte) => Err(Unbalanced),
        _ => Ok(rest),
    }
}

/// The byte that a backslash and the start of the non-empty `escaped` stand for, and what follows.
fn unescape(escaped: &[u8]) -> (u8, &[u8]) {
    if let [b'x', high, low, tail @ ..] = escaped
        && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
    {
        return (high << 4 | low, tail);
    }
    let byte = match escaped[0] {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    };
    (byte, &escaped[1..])
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Whitespace of the C locale.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Appends `bytes` in double quotes, everything but printable ASCII escaped, so that [`split_args`] gives it back.
pub fn push_quoted(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x07 => out.extend_from_slice(b"\\a"),
            0x08 => out.extend_from_slice(b"\\b"),
            b' '..=b'~' => out.push(byte),
            _ => {
                let (high, low) = (DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]);
                out.extend_from_slice(&[b'\\', b'x', high, low]);
            }
        }
    }
    out.push(b'"');
}

/// `bytes` quoted as by [`push_quoted`].
pub fn quote(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_quoted(&mut out, bytes);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn splits() {
        let cases: &[(&[u8], &[&[u8]])] = &[
            (b"", &[]),
            (b" \t\x0b\x0c\r\n", &[]),
            (b"a  b\tc", &[b"a", b"b", b"c"]),
            (b" a\x0cb ", &[b"a\x0cb"]),
            (b"ping\rx", &[b"ping", b"x"]),
            (br#""a b" 'c d'"#, &[b"a b", b"c d"]),
            (br#""" ''"#, &[b"", b""]),
            (br#""\n\r\t\b\a\\\"\q""#, &[b"\n\r\t\x08\x07\\\"q"]),
            (br#""\x41\xfF\xZZ\x4""#, &[b"A\xffxZZx4"]),
            (br"'a\'b\n'", &[br"a'b\n"]),
            (br#"a"b c" d"#, &[b"ab c", b"d"]),
            (b"a\0b", &[b"a\0b"]),
        ];
        for (line, args) in cases {
            let expected: Vec<Vec<u8>> = args.iter().map(|arg| arg.to_vec()).collect();
            assert_eq!(split_args(line), Some(expected), "{:?}", line.escape_ascii().to_string());
        }
    }

    #[test]
    fn refuses_unbalanced_quotes() {
        for line in
            [&br#"""#[..], b"'", br#""a"b"#, b"'a'b", br#""a\""#, br"'a\'", br#"set """k""" v"#, br#""\"#]
        {
            assert_eq!(split_args(line), None, "{:?}", line.escape_ascii().to_string());
        }
    }

    #[test]
    fn quotes() {
        assert_eq!(quote(b"a \"\\\n\r\t\x07\x08\0\x7f\xff'"), br#""a \"\\\n\r\t\a\b\x00\x7f\xff'""#);
    }

    proptest! {
        #[test]
        fn quoting_round_trip(args: Vec<Vec<u8>>) {
            let line = args.iter().map(|arg| quote(arg)).collect::<Vec<_>>().join(&b' ');
            prop_assert_eq!(split_args(&line), Some(args));
        }

        #[test]
        fn never_panics(line in r#"[ ab\\x0"'\t]{0,20}"#) {
            let _ = split_args(line.as_bytes());
        }
    }
}
