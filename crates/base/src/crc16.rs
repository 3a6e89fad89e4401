//! CRC-16/XMODEM (polynomial 0x1021, not reflected, start 0) and the cluster's key to slot mapping built on it.

/// Number of hash slots of a cluster.
pub const SLOT_COUNT: u16 = 16384;

const POLYNOMIAL: u16 = 0x1021;

/// Bytes folded per step: slicing (M. Kounavis, F. Berry, 2005), wide enough for a usual key.
const LANES: usize = 16;

/// `TABLES[n][b]` is the checksum of byte `b` followed by `n` zero bytes.
static TABLES: [[u16; 256]; LANES] = tables();

const fn tables() -> [[u16; 256]; LANES] {
    let mut tables = [[0; 256]; LANES];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ POLYNOMIAL };
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
            tables[lane][byte] = shorter << 8 ^ tables[0][(shorter >> 8) as usize];
            byte += 1;
        }
        lane += 1;
    }
    tables
}

/// The checksum of `bytes`.
#[inline]
pub fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0_u16;
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    for chunk in chunks {
        crc = fold(crc, chunk);
    }
    let (halves, rest) = rest.as_chunks::<{ LANES / 2 }>();
    for half in halves {
        crc = fold(crc, half);
    }
    for &byte in rest {
        let [high, _] = crc.to_be_bytes();
        crc = crc << 8 ^ TABLES[0][usize::from(high ^ byte)];
    }
    crc
}

/// The checksum of `N` bytes behind those that gave `crc`.
#[inline]
fn fold<const N: usize>(crc: u16, chunk: &[u8; N]) -> u16 {
    let [high, low] = crc.to_be_bytes();
    let mut folded = TABLES[N - 1][usize::from(chunk[0] ^ high)] ^ TABLES[N - 2][usize::from(chunk[1] ^ low)];
    for at in 2..N {
        folded ^= TABLES[N - 1 - at][usize::from(chunk[at])];
    }
    folded
}

/// The hash slot of `key`: CRC16 of its hash tag, or of the whole key if it has none, modulo [`SLOT_COUNT`].
#[inline]
pub fn key_slot(key: &[u8]) -> u16 {
    crc16(hash_tag(key)) % SLOT_COUNT
}

/// The part of `key` that decides its slot: what stands between the first `{` and the first `}` after it, if that
/// isn't empty, otherwise the whole key.
#[inline]
pub fn hash_tag(key: &[u8]) -> &[u8] {
    if may_contain_brace(key) { find_tag(key).unwrap_or(key) } else { key }
}

/// Whether `{` may occur in `key`: false for nearly every key, decided eight bytes at a time.
#[inline]
fn may_contain_brace(key: &[u8]) -> bool {
    let (Some(last), (chunks, _)) = (key.last_chunk::<8>(), key.as_chunks::<8>()) else {
        return key.contains(&b'{');
    };
    chunks.iter().any(|&chunk| word_has_brace(chunk)) || word_has_brace(*last)
}

/// Whether one of eight bytes is `{`: a byte of the difference is zero exactly if taking one from it borrows.
#[inline]
fn word_has_brace(chunk: [u8; 8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let difference = u64::from_le_bytes(chunk) ^ (ONES * b'{' as u64);
    difference.wrapping_sub(ONES) & !difference & (ONES << 7) != 0
}

fn find_tag(key: &[u8]) -> Option<&[u8]> {
    let open = key.iter().position(|&byte| byte == b'{')?;
    let inner = &key[open + 1..];
    let close = inner.iter().position(|&byte| byte == b'}')?;
    (close > 0).then(|| &inner[..close])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bitwise(bytes: &[u8]) -> u16 {
        bytes.iter().fold(0, |crc, &byte| {
            (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ POLYNOMIAL }
            })
        })
    }

    #[test]
    fn check_value() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn slots() {
        let cases: &[(&[u8], u16)] =
            &[(b"", 0), (b"foo", 12182), (b"bar", 5061), (b"{foo}bar", 12182), (b"a{foo}{bar}", 12182)];
        for &(key, slot) in cases {
            assert_eq!(key_slot(key), slot, "{:?}", key.escape_ascii().to_string());
        }
    }

    #[test]
    fn tags() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"{a}", b"a"),
            (b"x{a}y", b"a"),
            (b"{}a", b"{}a"),
            (b"{}{a}", b"{}{a}"),
            (b"{a", b"{a"),
            (b"a}", b"a}"),
            (b"}{a}", b"a"),
            (b"{{a}}", b"{a"),
            (b"{a}{b}", b"a"),
            (b"", b""),
        ];
        for &(key, tag) in cases {
            assert_eq!(hash_tag(key), tag);
        }
    }

    proptest! {
        #[test]
        fn tags_are_found_anywhere(key in "[a-z{}]{0,40}") {
            let found = key.find('{').and_then(|open| {
                let inner = &key[open + 1..];
                inner.find('}').filter(|&close| close > 0).map(|close| &inner[..close])
            });
            prop_assert_eq!(hash_tag(key.as_bytes()), found.unwrap_or(&key).as_bytes());
        }

        #[test]
        fn agrees_with_the_definition(bytes: Vec<u8>) {
            prop_assert_eq!(crc16(&bytes), bitwise(&bytes));
        }
    }
}
