//! `redstart check-rdb` and its like: say what is wrong with a data file, where, and what would be kept.

mod aof;
mod rdb;

use std::process::ExitCode;

/// A tool that the program is when it is called so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tool {
    /// Checks an RDB file.
    CheckRdb,
    /// Checks append-only files, and cuts off what is broken.
    CheckAof,
}

impl Tool {
    /// The tool that is asked for, by the program's own name (`redis-check-rdb`) or by its first argument, and the arguments
    /// that are the tool's.
    pub(crate) fn of<'a>(program: &[u8], arguments: &'a [Vec<u8>]) -> Option<(Tool, &'a [Vec<u8>])> {
        let name = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let name = name.split(|byte| *byte == b'-').skip(1).collect::<Vec<_>>().join(&b'-');
        match (Tool::named(&name), arguments.split_first()) {
            (Some(tool), _) => Some((tool, arguments)),
            (None, Some((first, rest))) => Tool::named(first).map(|tool| (tool, rest)),
            (None, None) => None,
        }
    }

    fn named(name: &[u8]) -> Option<Tool> {
        match name {
            b"check-rdb" => Some(Tool::CheckRdb),
            b"check-aof" => Some(Tool::CheckAof),
            _ => None,
        }
    }

    /// Does what the arguments say.
    pub(crate) fn run(self, arguments: &[Vec<u8>]) -> ExitCode {
        match self {
            Tool::CheckRdb => rdb::run(arguments),
            Tool::CheckAof => aof::run(arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_named_by_program_or_argument() {
        let file = vec![b"dump.rdb".to_vec()];
        assert_eq!(Tool::of(b"/usr/bin/redis-check-rdb", &file), Some((Tool::CheckRdb, &file[..])));
        let arguments = vec![b"check-rdb".to_vec(), b"dump.rdb".to_vec()];
        assert_eq!(Tool::of(b"redstart", &arguments), Some((Tool::CheckRdb, &file[..])));
        for arguments in [vec![], vec![b"--port".to_vec(), b"0".to_vec()], vec![b"redis.conf".to_vec()]] {
            assert_eq!(Tool::of(b"/usr/bin/redis-server", &arguments), None);
        }
    }
}
