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

/// Where a register begins: in which byte, and at which bit of it.
#[inline]
fn place(index: usize) -> (usize, usize) {
    (index * 6 / 8, index * 6 % 8)
}

/// Two bytes from `at` on. The last register ends with the last byte: then there is no second one to look at.
#[inline]
fn pair_at(registers: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([registers[at], registers.get(at + 1).copied().unwrap_or(0)])
}

/// The rank of a register.
#[inline]
pub(super) fn rank_at(registers: &[u8], index: usize) -> u8 {
    let (at, shift) = place(index);
    (pair_at(registers, at) >> shift) as u8 & MASK as u8
}

/// The registers of a dense HyperLogLog, for changing.
pub(super) struct Dense<'b>(pub(super) &'b mut [u8]);

impl Dense<'_> {
    /// Raises a register to `rank`: whether it was lower.
    #[inline]
    pub(super) fn raise(&mut self, index: usize, rank: u8) -> bool {
        if rank_at(self.0, index) >= rank {
            return false;
        }
        let (at, shift) = place(index);
        let others = pair_at(self.0, at) & !((MASK as u16) << shift);
        let [low, high] = (others | (u16::from(rank) << shift)).to_le_bytes();
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
