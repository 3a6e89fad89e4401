//! HyperLogLogs against their registers, and in both forms; bytes recorded from Redis.

use super::*;
use proptest::prelude::*;

/// The default of `hll-sparse-max-bytes`.
const SPARSE_BYTES: usize = 3000;

fn told(elements: impl IntoIterator<Item = String>, sparse_bytes: usize) -> Vec<u8> {
    let mut bytes = empty();
    for element in elements {
        add(&mut bytes, element.as_bytes(), sparse_bytes).unwrap();
    }
    bytes
}

#[test]
fn bytes_are_those_of_redis() {
    let runs =
        |elements: &[&str]| told(elements.iter().map(|e| (*e).to_owned()), SPARSE_BYTES)[HEADER..].to_vec();
    assert_eq!(empty(), b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff");
    assert_eq!(runs(&["a"]), b"q\xa6\x84NW");
    assert_eq!(runs(&["a", "b", "c", "d"]), b"\\{\x80Dv\x80P\xb1\x84K\xfb\x80BZ");
}

#[test]
fn numbers_are_estimated() {
    for (count, expected_error) in [(0, 0.0), (1, 0.0), (10, 0.0), (1000, 0.03), (100_000, 0.03)] {
        for sparse_bytes in [0, SPARSE_BYTES] {
            let bytes = told((0..count).map(|n| format!("element:{n}")), sparse_bytes);
            let error = (estimate(&bytes).unwrap() as f64 - f64::from(count)).abs();
            assert!(error <= f64::from(count) * expected_error, "{count}: {error}");
            assert_eq!(estimate(&bytes), Ok(Registers::of(&bytes).unwrap().estimate()));
        }
    }
}

#[test]
fn an_estimate_is_kept_until_a_register_changes() {
    let mut bytes = told(["a".to_owned()], SPARSE_BYTES);
    assert_eq!(estimate_kept(&bytes), None);
    let header = with_estimate(&bytes, 1);
    bytes[..HEADER].copy_from_slice(&header);
    assert_eq!(estimate_kept(&bytes), Some(1));
    assert_eq!(add(&mut bytes, b"a", SPARSE_BYTES), Ok(false));
    assert_eq!(estimate_kept(&bytes), Some(1));
    assert_eq!(add(&mut bytes, b"b", SPARSE_BYTES), Ok(true));
    assert_eq!(estimate_kept(&bytes), None);
}

/// Registers to be raised: many of few neighbours, so that runs are split and joined.
fn raises() -> impl Strategy<Value = Vec<(usize, u8)>> {
    let index = prop_oneof![4 => 0..40usize, 1 => 0..REGISTERS, 2 => REGISTERS - 80..REGISTERS];
    prop::collection::vec((index, prop_oneof![20 => 1..4u8, 1 => 30..51u8]), 0..150)
}

#[test]
fn an_estimate_beyond_63_bits_is_the_lowest_number_as_in_redis() {
    let mut bytes = empty();
    make_dense(&mut bytes).unwrap();
    bytes[HEADER..].fill(0xFF);
    assert_eq!(estimate(&bytes).unwrap() as i64, i64::MIN);
}

proptest! {
    #[test]
    fn both_forms_hold_the_greatest_ranks(raises in raises(), sparse_bytes in prop_oneof![18..80usize, Just(3000)]) {
        let (mut sparse, mut dense) = (empty(), empty());
        make_dense(&mut dense).unwrap();
        let mut model = [0; REGISTERS];
        for (index, rank) in raises {
            let changed = model[index] < rank;
            model[index] = rank.max(model[index]);
            prop_assert_eq!(raise(&mut sparse, index, rank, sparse_bytes), Ok(changed));
            prop_assert_eq!(raise(&mut dense, index, rank, sparse_bytes), Ok(changed));
            prop_assert!(form(&sparse) == Some(Form::Dense) || sparse.len() <= sparse_bytes);
        }
        prop_assert_eq!(ranks(&sparse), model);
        prop_assert_eq!(ranks(&dense), model);
        prop_assert_eq!(estimate(&sparse), estimate(&dense));
        let mut grown = sparse.clone();
        make_dense(&mut grown).unwrap();
        prop_assert_eq!(&grown[HEADER..], &dense[HEADER..]);
    }

    #[test]
    fn registers_of_several_are_the_greatest(all in prop::collection::vec(raises(), 1..4), dense: bool) {
        let sketches: Vec<Vec<u8>> = all.iter().map(|raises| {
            let mut bytes = empty();
            for (index, rank) in raises {
                raise(&mut bytes, *index, *rank, SPARSE_BYTES).unwrap();
            }
            bytes
        }).collect();
        let mut registers = Registers::default();
        sketches.iter().for_each(|bytes| registers.merge(bytes).unwrap());
        let mut merged = sketches[0].clone();
        registers.raise(&mut merged, dense, SPARSE_BYTES).unwrap();
        prop_assert_eq!(ranks(&merged), *registers.ranks());
        prop_assert!(!dense || form(&merged) == Some(Form::Dense));
    }

    #[test]
    fn any_bytes_are_taken_or_refused(
        runs in prop::collection::vec(any::<u8>(), 0..60),
        index in 0..REGISTERS,
        rank in 1..52u8,
        complete: bool,
    ) {
        let mut bytes = empty();
        bytes.truncate(HEADER);
        bytes.extend_from_slice(&runs);
        let missing = REGISTERS - runs_len(&runs).min(REGISTERS);
        if complete && missing > 0 {
            sparse::push_zeros(&mut bytes, missing);
        }
        let whole = Registers::of(&bytes).is_ok();
        prop_assert_eq!(estimate(&bytes).is_ok(), whole);
        prop_assert!(describe_runs(&bytes).is_ok() || !whole);
        prop_assert_eq!(make_dense(&mut bytes.clone()).is_ok(), whole);
        let raised = raise(&mut bytes, index, rank, SPARSE_BYTES);
        prop_assert!(raised.is_ok() || !whole);
    }

    #[test]
    fn only_whole_headers_have_a_form(bytes in prop::collection::vec(any::<u8>(), 0..40), magic: bool) {
        let mut bytes = bytes;
        if magic && bytes.len() >= 4 {
            bytes[..4].copy_from_slice(MAGIC);
        }
        let found = form(&bytes);
        prop_assert_eq!(found, (magic && bytes.len() >= HEADER && bytes[4] == 1).then_some(Form::Sparse));
    }
}

fn ranks(bytes: &[u8]) -> [u8; REGISTERS] {
    *Registers::of(bytes).unwrap().ranks()
}

/// Registers that whole runs at the beginning of the bytes have.
fn runs_len(runs: &[u8]) -> usize {
    let mut registers = 0;
    let _ = sparse::for_each(runs, |_, times| registers += times);
    registers
}
