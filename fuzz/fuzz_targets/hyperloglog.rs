//! Bytes are a HyperLogLog or an error. One that is accepted keeps its registers in every form, and telling it of an
//! element raises no register but that element's.
//!
//! The first byte is the element and how much room a sparse form has; of the rest a header is put in front.
#![no_main]

use libfuzzer_sys::fuzz_target;
use structs::sketch::{self, Form, Registers};

/// Bytes of the header, and where it states the form.
const HEADER: usize = 16;
const FORM_AT: usize = 4;
/// Bytes of the dense form.
const DENSE: usize = HEADER + sketch::REGISTERS * 6 / 8;

fuzz_target!(|data: &[u8]| {
    if sketch::form(data).is_some() {
        check(data.to_vec(), 0);
    }
    let [choice, body @ ..] = data else { return };
    let header = &sketch::empty()[..HEADER];
    check([header, body].concat(), *choice);
    let mut dense = [header, body].concat();
    dense.resize(DENSE, *choice);
    dense[FORM_AT] = 0;
    check(dense, *choice);
});

fn check(mut bytes: Vec<u8>, choice: u8) {
    let form = sketch::form(&bytes).expect("it has a header");
    let element = [choice];
    let room = usize::from(choice) * 16;
    let Ok(before) = Registers::of(&bytes) else {
        // It may be told of an element all the same, as long as nobody looks at the rest.
        let _ = sketch::add(&mut bytes, &element, room);
        return;
    };
    assert_eq!(sketch::estimate(&bytes), Ok(before.estimate()));
    if form == Form::Sparse {
        sketch::describe_runs(&bytes).expect("its runs have been read");
    }

    let mut dense = bytes.clone();
    sketch::make_dense(&mut dense).expect("its registers have been read");
    assert_eq!(ranks(&dense), *before.ranks());

    let changed = sketch::add(&mut bytes, &element, room).expect("its registers have been read");
    assert_eq!(sketch::is_news_to_dense(&dense, &element), changed);
    assert_eq!(sketch::add_dense(&mut dense, &element), changed);
    assert_eq!(ranks(&bytes), ranks(&dense));
    let raised = ranks(&bytes).iter().zip(before.ranks()).filter(|(after, before)| after > before).count();
    assert_eq!(raised, usize::from(changed));

    let mut merged = sketch::empty();
    Registers::of(&bytes)
        .expect("it was just read")
        .raise(&mut merged, form == Form::Dense, room)
        .expect("it is empty");
    assert_eq!(ranks(&merged), ranks(&bytes));
}

fn ranks(bytes: &[u8]) -> [u8; sketch::REGISTERS] {
    *Registers::of(bytes).expect("it is a HyperLogLog").ranks()
}
