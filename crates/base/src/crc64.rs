//! CRC-64/Jones (polynomial 0xad93d23594c935a9, reflected, start 0), the checksum of RDB files and DUMP payloads.

use crc_fast::{CrcAlgorithm, Digest};

/// From so many bytes on the processor's carry-less multiplication is worth setting up.
const FOLDED_FROM: usize = 128;

/// The polynomial, its bits in reflected order.
const REFLECTED: u64 = 0xad93_d235_94c9_35a9_u64.reverse_bits();

/// Bytes folded per step: slicing-by-8 (M. Kounavis, F. Berry, 2005).
const LANES: usize = 8;

/// `TABLES[n][b]` is the checksum of byte `b` followed by `n` zero bytes.
static TABLES: [[u64; 256]; LANES] = tables();

const fn tables() -> [[u64; 256]; LANES] {
    let mut tables = [[0; 256]; LANES];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ REFLECTED };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut lane = 1;
    while lane < LANES {
        let mut byte = 0;
        while byte < 256 {
            let shorter = tables[lane - 1][byte];
            tables[lane][byte] = shorter >> 8 ^ tables[0][(shorter & 0xff) as usize];
            byte += 1;
        }
        lane += 1;
    }
    tables
}

/// The checksum of `bytes` appended to data whose checksum is `crc`; start with 0.
pub fn crc64(crc: u64, bytes: &[u8]) -> u64 {
    if bytes.len() < FOLDED_FROM {
        return sliced(crc, bytes);
    }
    let mut digest = Digest::new_with_init_state(CrcAlgorithm::Crc64Redis, crc);
    digest.update(bytes);
    digest.finalize()
}

fn sliced(mut crc: u64, bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    for chunk in chunks {
        let mixed = (crc ^ u64::from_le_bytes(*chunk)).to_le_bytes();
        crc = 0;
        for (lane, byte) in mixed.into_iter().enumerate() {
            crc ^= TABLES[LANES - 1 - lane][usize::from(byte)];
        }
    }
    for &byte in rest {
        crc = crc >> 8 ^ TABLES[0][usize::from(crc as u8 ^ byte)];
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bitwise(crc: u64, bytes: &[u8]) -> u64 {
        bytes.iter().fold(crc, |crc, &byte| {
            (0..8).fold(
                crc ^ u64::from(byte),
                |crc, _| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ REFLECTED },
            )
        })
    }

    #[test]
    fn check_value() {
        assert_eq!(crc64(0, b"123456789"), 0xe9c6_d914_c4b8_d9ca);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(crc: u64, bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert_eq!(crc64(crc, &bytes), bitwise(crc, &bytes));
        }

        #[test]
        fn can_be_continued(
            left in prop::collection::vec(any::<u8>(), 0..300),
            right in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let whole = [left.as_slice(), right.as_slice()].concat();
            prop_assert_eq!(crc64(crc64(0, &left), &right), crc64(0, &whole));
        }
    }
}
