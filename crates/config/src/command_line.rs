//! The arguments of the server, in the rules of `redis-server`: `[FILE] [-] [--name value ...] [-]`.
//!
//! Options become lines of a configuration text that is read after the file, so every rule and error of a file
//! holds for them as well.

use base::quote;

/// Arguments taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CommandLine {
    /// The configuration file, if the first argument names one.
    pub file: Option<Vec<u8>>,
    /// Whether a lone dash asks to read the standard input too.
    pub reads_stdin: bool,
    /// The options, one line each.
    options: Vec<u8>,
}

impl CommandLine {
    /// Takes the arguments after the program's name. Nothing is checked yet.
    pub fn parse<A: AsRef<[u8]>>(args: &[A]) -> Self {
        let mut args: Vec<&[u8]> = args.iter().map(AsRef::as_ref).collect();
        let mut parsed = Self::default();
        if args.first().is_some_and(|first| !first.is_empty() && !first.starts_with(b"-")) {
            parsed.file = Some(args.remove(0).to_vec());
        }
        if args.first() == Some(&b"-".as_slice()) {
            parsed.reads_stdin = true;
            args.remove(0);
        } else if args.last() == Some(&b"-".as_slice()) {
            parsed.reads_stdin = true;
            args.pop();
        }
        parsed.options = option_lines(&args);
        parsed
    }

    /// The whole text to load, given what the file and the standard input hold.
    pub fn text(&self, file: Option<&[u8]>, stdin: Option<&[u8]>) -> Vec<u8> {
        let mut text = Vec::new();
        for part in [file, stdin].into_iter().flatten() {
            end_line(&mut text);
            text.extend_from_slice(part);
        }
        if !self.options.is_empty() {
            text.push(b'\n');
            text.extend_from_slice(&self.options);
        }
        text
    }
}

fn end_line(text: &mut Vec<u8>) {
    if text.last().is_some_and(|&byte| byte != b'\n') {
        text.push(b'\n');
    }
}

/// What the next argument is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A value, whatever it looks like.
    Value,
    /// An option if it begins with two dashes, else one more value.
    OptionOrValue,
}

/// Turns options into lines. The argument after an option's name is its value even with dashes in front; from then
/// on dashes begin the next option. `--save` without a value means `--save ""`.
fn option_lines(args: &[&[u8]]) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut next = Next::OptionOrValue;
    for (at, arg) in args.iter().enumerate() {
        match arg.strip_prefix(b"--") {
            Some(option) if next == Next::OptionOrValue => {
                end_line(&mut lines);
                lines.extend_from_slice(option);
                let value_follows = args.get(at + 1).is_some_and(|value| !value.starts_with(b"--"));
                if option.eq_ignore_ascii_case(b"save") && !value_follows {
                    lines.extend_from_slice(b" \"\"");
                } else if lacks_value(option) {
                    next = Next::Value;
                }
            }
            _ => {
                if !lines.is_empty() {
                    lines.push(b' ');
                }
                quote::push_quoted(&mut lines, arg);
                next = Next::OptionOrValue;
            }
        }
    }
    lines
}

/// Whether an option is only a name, so that a value must follow; `--name value` may be a single argument.
fn lacks_value(option: &[u8]) -> bool {
    quote::split_args(option).is_some_and(|words| words.len() <= 1)
}
