//! Whole listpacks, as DUMP payloads and RDB files carry them.
//!
//! ```text
//! | total bytes: u32 LE | element count: u16 LE, 65535 = count them | elements | 0xFF |
//! ```

use super::encoding::decode_checked;
use super::{GapBuffer, LISTPACK_OVERHEAD, Packed};

const HEADER: usize = 6;
const END: u8 = 0xFF;
const COUNT_UNKNOWN: u16 = u16::MAX;

/// Why bytes are not a listpack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadListpack {
    /// The size in the header is not the size of the bytes, or too small for a listpack.
    Size,
    /// The last byte is not the end mark.
    EndMark,
    /// An element is cut short, has an unknown encoding or a backlen that doesn't lead back to its start.
    Element {
        /// Offset of the element within the listpack.
        offset: usize,
    },
    /// The header counts another number of elements than there are.
    Count,
}

impl std::fmt::Display for BadListpack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Size => f.write_str("listpack size doesn't match its header"),
            Self::EndMark => f.write_str("listpack without end mark"),
            Self::Element { offset } => write!(f, "broken listpack element at offset {offset}"),
            Self::Count => f.write_str("listpack element count doesn't match its header"),
        }
    }
}

impl std::error::Error for BadListpack {}

/// The header of a listpack with `byte_len` bytes of elements.
pub(crate) fn header(byte_len: usize, count: usize) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&((byte_len + LISTPACK_OVERHEAD) as u32).to_le_bytes());
    let count = u16::try_from(count).unwrap_or(COUNT_UNKNOWN);
    header[4..].copy_from_slice(&count.to_le_bytes());
    header
}

/// Checks a listpack from outside, every length of it, and returns its element bytes and their number.
pub(crate) fn payload(listpack: &[u8]) -> Result<(&[u8], usize), BadListpack> {
    let total = listpack.first_chunk::<4>().map(|size| u32::from_le_bytes(*size) as usize);
    if total != Some(listpack.len()) || listpack.len() < LISTPACK_OVERHEAD {
        return Err(BadListpack::Size);
    }
    let (header, rest) = listpack.split_at(HEADER);
    let Some((&END, elements)) = rest.split_last() else { return Err(BadListpack::EndMark) };
    let mut count = 0;
    let mut at = 0;
    while at < elements.len() {
        let size = decode_checked(&elements[at..]).map(|(_, size)| size);
        at += size.ok_or(BadListpack::Element { offset: HEADER + at })?;
        count += 1;
    }
    let declared = u16::from_le_bytes([header[4], header[5]]);
    if declared != COUNT_UNKNOWN && usize::from(declared) != count {
        return Err(BadListpack::Count);
    }
    Ok((elements, count))
}

impl Packed {
    /// The listpack with these elements.
    pub fn to_listpack_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.listpack_len());
        self.push_listpack_to(&mut out);
        out
    }

    /// Appends the listpack with these elements to `out`.
    pub fn push_listpack_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&header(self.byte_len(), self.count()));
        out.extend_from_slice(self.as_bytes());
        out.push(END);
    }

    /// Reads a listpack from outside.
    ///
    /// # Errors
    /// When any length, count or mark in it doesn't hold.
    pub fn from_listpack_bytes(listpack: &[u8]) -> Result<Self, BadListpack> {
        let (elements, count) = payload(listpack)?;
        let count = u32::try_from(count).map_err(|_| BadListpack::Size)?;
        let mut bytes = GapBuffer::from_vec(elements.to_vec());
        bytes.count = count;
        Ok(Self { bytes })
    }
}
