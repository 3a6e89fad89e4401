//! Random arguments of the commands for bitmaps.

use crate::values::Draw;

impl Draw<'_> {
    pub(crate) fn bit_offset(&mut self) -> Vec<u8> {
        if self.one_in(20) {
            return self.text(&["-1", "4294967296", "9223372036854775807", "abc", "1.5", "", "#"]);
        }
        self.integer(0, 90, u64::MAX)
    }

    pub(crate) fn bitfield_get(&mut self, args: &mut Vec<Vec<u8>>) {
        args.push(self.spelled("GET"));
        self.bitfield_place(args);
    }

    pub(crate) fn bitfield(&mut self, args: &mut Vec<Vec<u8>>) {
        match self.below(8) {
            0 => return self.bitfield_get(args),
            1 => {
                let kinds = ["WRAP", "SAT", "FAIL", "SAT", "FAIL", "sat", "nosuch"];
                return args.extend([self.spelled("OVERFLOW"), self.text(&kinds)]);
            }
            2..=4 => args.push(self.spelled("SET")),
            5..=6 => args.push(self.spelled("INCRBY")),
            _ => args.push(self.text(&["SET", "INCRBY", "FOO", "GET", "OVERFLOW"])),
        }
        self.bitfield_place(args);
        args.push(if self.one_in(3) { self.integer(-300, 300, 3) } else { self.integer(-5, 9, 30) });
    }

    fn bitfield_place(&mut self, args: &mut Vec<Vec<u8>>) {
        let widths = ["u1", "u2", "i3", "u7", "i8", "u8", "u13", "i16", "u32", "u63", "i63", "i64"];
        let odd = ["u64", "i65", "u0", "i", "8", "U8", ""];
        args.push(if self.one_in(30) { self.text(&odd) } else { self.text(&widths) });
        let offset = self.bit_offset();
        let nth = self.one_in(4) && offset.len() == 1;
        args.push(if nth { [b"#".as_slice(), &offset].concat() } else { offset });
    }
}
