//! Large arrays: cells in a row, cells anywhere, long texts.

use redstart_structs::array::SparseArray;

const CELLS: u64 = 200_000;

fn text(number: u64) -> String {
    format!("a text of some length, number {number}")
}

fn filled(index: impl Fn(u64) -> u64, text: impl Fn(u64) -> String) -> SparseArray {
    let mut array = SparseArray::new();
    for number in 0..CELLS {
        array.set(index(number), text(number).as_bytes());
    }
    array
}

#[test]
fn an_array_is_shared() {
    let indexes: [fn(u64) -> u64; 2] = [|number| number, |number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15)];
    for index in indexes {
        let mut array = filled(index, text);
        assert!(array.memory_bytes() > 4 << 20, "it is large: {} bytes", array.memory_bytes());
        super::check(
            &mut array,
            &[
                ("set", |array| {
                    array.set(array.end() / 2, b"another text that is about as long");
                }),
                ("append", |array| {
                    array.set(array.end(), b"another");
                }),
                ("remove", |array| {
                    array.remove(0);
                }),
                ("remove a range", |array| {
                    array.remove_range(array.end() / 4, array.end() / 2);
                }),
                ("move the cursor", |array| array.set_cursor(Some(7))),
            ],
        );
    }
}

/// Long texts are replaced or removed without a copy, and so are their neighbours.
#[test]
fn long_texts_are_shared() {
    let mut array = SparseArray::new();
    for index in 0..50 {
        array.set(index, &vec![b'x'; 1 << 20]);
    }
    super::check(
        &mut array,
        &[
            ("set", |array| {
                array.set(7, b"short");
            }),
            ("remove", |array| {
                array.remove(9);
            }),
            ("remove a range", |array| {
                array.remove_range(20, 30);
            }),
        ],
    );
}
