//! Registers of 6 bits one behind another: that of index i begins 6 * i bits behind the lowest bit of the first byte.
//!
//! ```text
//!  byte 0      byte 1      byte 2      byte 3
//!  |11 000000| |2222 1111| |333333 22| | ...       a register's lowest bits on the right; four of them take three bytes
//! ```

use super::REGISTERS;

/// Bytes of all registers.
pub(super) const BYTES: usize = REGISTERS * 6 / 8;
const MASK: u32 = 0x3f;

/// The registers of a dense HyperLogLog, for changing.
pub(super) struct Dense<'b>(pub(super) &'b mut [u8]);

impl Dense<'_> {
    /// Raises a register to `rank`: whether it was lower.
    #[inline]
    pub(super) fn raise(&mut self, index: usize, rank: u8) -> bool {
        let (at, shift) = (index * 6 / 8, index * 6 % 8);
        // The last register ends with the last byte: then there is no second one to look at.
        let (low, high) = (self.0[at], self.0.get(at + 1).copied().unwrap_or(0));
        let pair = u16::from_le_bytes([low, high]);
        let mask = (MASK as u16) << shift;
        if (pair & mask) >> shift >= u16::from(rank) {
            return false;
        }
        let [low, high] = ((pair & !mask) | (u16::from(rank) << shift)).to_le_bytes();
        self.0[at] = low;
        if let Some(next) = self.0.get_mut(at + 1) {
            *next = high;
        }
        true
    }
}

/// Visits the rank of each register in order.
#[inline]
pub(super) fn for_each(registers: &[u8], mut visit: impl FnMut(u8)) {
    for four in registers.as_chunks::<3>().0 {
        let four = u32::from_le_bytes([four[0], four[1], four[2], 0]);
        (0..4).for_each(|nth| visit(((four >> (6 * nth)) & MASK) as u8));
    }
}

/// Appends all registers.
pub(super) fn push(ranks: &[u8; REGISTERS], bytes: &mut Vec<u8>) {
    for four in ranks.as_chunks::<4>().0 {
        let four = (0..4).fold(0, |word, nth| word | ((u32::from(four[nth]) & MASK) << (6 * nth)));
        bytes.extend_from_slice(&four.to_le_bytes()[..3]);
    }
}
