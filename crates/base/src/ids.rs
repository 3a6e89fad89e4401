//! Identifiers of servers: run ids, replication ids, cluster node ids.

use crate::prng::Prng;

/// Length of a run id.
pub const RUN_ID_LEN: usize = 40;

/// A new identifier of [`RUN_ID_LEN`] lower-case hexadecimal digits.
pub fn run_id(prng: &mut Prng) -> [u8; RUN_ID_LEN] {
    let mut id = [0; RUN_ID_LEN];
    prng.fill(&mut id);
    id.map(|byte| b"0123456789abcdef"[usize::from(byte & 15)])
}

/// Whether `text` could have come from [`run_id`].
pub fn is_run_id(text: &[u8]) -> bool {
    text.len() == RUN_ID_LEN && text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hexadecimal_and_differ() {
        let mut prng = Prng::new(5);
        let (first, second) = (run_id(&mut prng), run_id(&mut prng));
        assert!(is_run_id(&first) && is_run_id(&second));
        assert_ne!(first, second);
        assert!(!is_run_id(&first[1..]) && !is_run_id(&[b'g'; 40]));
    }
}
