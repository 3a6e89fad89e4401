//! The title of the process, as `ps` shows it: `proc-title-template`.
//!
//! The kernel shows the memory into which it put the program's arguments when it was started, and goes on into the
//! environment behind them while no zero byte ends it (`proc(5)`, `/proc/pid/cmdline`):
//!
//! ```text
//!   arg_start                   arg_end = env_start       env_end
//!   | redstart 0 --port 0 7777 0 | HOME=/ 0 LANG=C 0      |
//!   | redstart *:7777 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 |
//! ```
//! So the environment's strings are copied elsewhere, and the title is written over both.

use config::Config;
use parking_lot::Mutex;
use std::ffi::{CStr, CString, c_char};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

unsafe extern "C" {
    /// The environment: pointers to its strings, and a null pointer behind the last.
    static mut environ: *mut *mut c_char;
}

/// The memory that shows the title.
pub struct Title {
    /// `{title}`: what the program was called as.
    program: Vec<u8>,
    area: Mutex<Area>,
}

/// Memory that nobody else refers to.
struct Area {
    start: *mut u8,
    bytes: usize,
}

// SAFETY: the memory belongs to the process as long as it runs, and to nobody but this value.
unsafe impl Send for Area {}

impl Title {
    /// Takes the memory of the arguments and of the environment; none if it can't be found. To be called while there is
    /// one thread, and once the arguments have been read.
    pub(crate) fn claim(program: &[u8]) -> Option<Title> {
        let range = strings_in(&std::fs::read("/proc/self/stat").ok()?)?;
        move_environment(&range);
        let area = Area { start: std::ptr::with_exposed_provenance_mut(range.start), bytes: range.len() };
        Some(Title { program: program.to_vec(), area: Mutex::new(area) })
    }

    /// Shows the title that a configuration asks for.
    pub(crate) fn show(&self, config: &Config, config_file: Option<&Path>) {
        let title = expand(config.proc_title_template.as_bytes(), |variable| match variable {
            b"title" => self.program.clone(),
            b"listen-addr" => listen_address(config),
            b"port" => config.port.to_string().into_bytes(),
            b"tls-port" => config.tls_port.0.to_string().into_bytes(),
            b"unixsocket" => config.unixsocket.as_bytes().to_vec(),
            b"config-file" => config_file.map_or_else(Vec::new, |path| path.as_os_str().as_bytes().to_vec()),
            // No node of a cluster, no sentinel.
            _ => Vec::new(),
        });
        self.area.lock().write(title.trim_ascii_end());
    }
}

impl Area {
    /// Writes a text, cut off where it doesn't fit, and zero bytes behind it.
    fn write(&mut self, text: &[u8]) {
        let len = text.len().min(self.bytes - 1);
        // SAFETY: `bytes` bytes from `start` on are ours to write, and `text` lies elsewhere: nothing refers to the area.
        unsafe {
            self.start.copy_from_nonoverlapping(text.as_ptr(), len);
            self.start.add(len).write_bytes(0, self.bytes - len);
        }
    }
}

/// Where the arguments' and the environment's strings lie, by `/proc/self/stat`.
fn strings_in(stat: &[u8]) -> Option<Range<usize>> {
    // The second field is the program's name in brackets, which may hold anything.
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let fields: Vec<&str> = str::from_utf8(&stat[end + 1..]).ok()?.split_ascii_whitespace().collect();
    let address = |field: usize| fields.get(field - 3)?.parse::<usize>().ok();
    let (arguments, environment) = (address(48)?..address(49)?, address(50)?..address(51)?);
    let all = arguments.start..environment.end;
    (arguments.start > 0 && arguments.end == environment.start && all.len() > 1).then_some(all)
}

/// Copies the strings of the environment that lie in `range` to memory that is never freed.
fn move_environment(range: &Range<usize>) {
    // SAFETY: there is one thread, so nobody changes or reads the environment meanwhile. `environ` is an array of pointers
    // to strings that ends with a null pointer, or null itself.
    unsafe {
        let mut at = environ;
        while !at.is_null() && !(*at).is_null() {
            if range.contains(&(*at).addr()) {
                *at = CString::from(CStr::from_ptr(*at)).into_raw();
            }
            at = at.add(1);
        }
    }
}

/// The first address that is listened on, or the unix socket.
fn listen_address(config: &Config) -> Vec<u8> {
    if config.port == 0 && !config.unixsocket.is_empty() {
        return config.unixsocket.as_bytes().to_vec();
    }
    let host = config.bind.0.first().map_or(&b"*"[..], |address| address.host.as_bytes());
    [host, b":", config.port.to_string().as_bytes()].concat()
}

/// A template with the values of its variables, which it names in curly brackets.
fn expand(template: &[u8], value: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut text = Vec::new();
    let mut pieces = template.split(|byte| *byte == b'{');
    text.extend_from_slice(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.iter().position(|byte| *byte == b'}').unwrap_or(piece.len());
        text.extend(value(&piece[..end]));
        text.extend_from_slice(piece.get(end + 1..).unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in() {
        let upper = |variable: &[u8]| variable.to_ascii_uppercase();
        for (template, expected) in
            [("plain", "plain"), ("{a} {b}", "A B"), ("x{a}y{b}", "xAyB"), ("}{a", "}A"), ("", "")]
        {
            assert_eq!(expand(template.as_bytes(), upper), expected.as_bytes());
        }
    }

    #[test]
    fn the_strings_are_found_behind_any_name() {
        let fields = |arguments: Range<u64>, environment: Range<u64>| {
            let rest = [arguments.start, arguments.end, environment.start, environment.end];
            let rest = rest.map(|address| address.to_string()).join(" ");
            format!("17 (a) b) S {} {rest} 0", ["1"; 44].join(" "))
        };
        assert_eq!(strings_in(fields(100..120, 120..150).as_bytes()), Some(100..150));
        assert_eq!(strings_in(fields(100..120, 130..150).as_bytes()), None);
        assert_eq!(strings_in(fields(0..0, 0..0).as_bytes()), None);
        assert_eq!(strings_in(b"17 (redstart) S 1"), None);
    }

    #[test]
    fn a_title_is_cut_off_where_memory_ends() {
        let mut memory = [b'x'; 8];
        let mut area = Area { start: memory.as_mut_ptr(), bytes: memory.len() };
        area.write(b"redstart *:6379");
        area.write(b"abc");
        assert_eq!(memory, *b"abc\0\0\0\0\0");
    }
}
