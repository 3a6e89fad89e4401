//! Random arguments that carry a whole value or a whole command.

use crate::forms::ASKED_ABOUT;
use crate::values::Draw;
use base::crc64::crc64;

/// Values as RDB files have them, each behind the byte that names its type: a string, an integer, a string of 16 bits,
/// a list of two, a set of one, a listpack of a list, of a hash and of a sorted set.
const VALUES: &[&[u8]] = &[
    b"\x00\x05hello",
    b"\x00\xc0\x7b",
    b"\x00\xc1\x39\x30",
    b"\x01\x02\x01a\x01b",
    b"\x02\x01\x01a",
    b"\x12\x01\x02\x09\x09\x00\x00\x00\x01\x00\x01\x01\xff",
    b"\x10\x0c\x0c\x00\x00\x00\x02\x00\x81f\x02\x01\x01\xff",
    b"\x11\x0c\x0c\x00\x00\x00\x02\x00\x81m\x02\x05\x01\xff",
    b"\x0b\x0a\x02\x00\x00\x00\x01\x00\x00\x00\x07\x00",
    b"\x04\x01\x01f\x01v",
    b"\x05\x01\x01m\x00\x00\x00\x00\x00\x00\xf8\x3f",
];

/// The versions of RDB that a payload may say it is of: from the first with a checksum to those that nobody reads.
const VERSIONS: [u16; 6] = [5, 6, 9, 11, 11, 900];

impl Draw<'_> {
    /// What DUMP gives: a value, a version, a checksum. Sometimes a byte is another, before or behind the checksum.
    pub(crate) fn payload(&mut self) -> Vec<u8> {
        let mut bytes = self.pick(VALUES).to_vec();
        if self.one_in(4) {
            self.damage(&mut bytes);
        }
        bytes.extend(self.pick(&VERSIONS).to_le_bytes());
        bytes.extend(crc64(0, &bytes).to_le_bytes());
        if self.one_in(12) {
            self.damage(&mut bytes);
        }
        bytes
    }

    /// Removes the last byte or makes one another.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() as u64) as usize;
        match self.below(3) {
            0 => bytes.truncate(bytes.len() - 1),
            1 => bytes[at] ^= 1 << self.below(8),
            _ => bytes[at] = self.below(256) as u8,
        }
    }

    /// The name of some command.
    pub(crate) fn command_name(&mut self) -> Vec<u8> {
        self.pick(&ASKED_ABOUT[..]).name().as_bytes().to_vec()
    }

    /// All words of some command, now and then without its last ones.
    pub(crate) fn command(&mut self, args: &mut Vec<Vec<u8>>) {
        let short_life = self.short_life;
        let mut command = self.pick(&ASKED_ABOUT[..]).draw(self);
        // It is only asked about.
        self.short_life = short_life;
        if self.one_in(10) {
            command.truncate(1 + self.below(command.len() as u64) as usize);
        }
        args.append(&mut command);
    }
}
