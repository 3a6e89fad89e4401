//! `check-rdb FILE`.

use crate::files::path_of;
use rdb::{Check, CheckReport};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes read at once.
pub(super) const BLOCK_BYTES: usize = 1 << 20;

pub(super) fn run(arguments: &[Vec<u8>]) -> ExitCode {
    let [name] = arguments else {
        eprintln!("Usage: redstart check-rdb <rdb-file-name>");
        return ExitCode::FAILURE;
    };
    let path = path_of(name);
    match check(path) {
        Ok(report) => {
            print!("{}", report.text);
            if report.is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("Cannot open file: {}: {}", path.display(), crate::reason(&error));
            ExitCode::FAILURE
        }
    }
}

fn check(path: &Path) -> io::Result<CheckReport> {
    let mut file = File::open(path)?;
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    let mut check = Check::new(&path.to_string_lossy(), now_ms);
    let mut input = Vec::new();
    loop {
        let taken = check.feed(&input);
        input.drain(..taken);
        let missing = check.wanted().saturating_sub(input.len());
        let read = Read::by_ref(&mut file).take(missing.max(BLOCK_BYTES) as u64).read_to_end(&mut input)?;
        if read == 0 {
            return Ok(check.finish(&input));
        }
    }
}
