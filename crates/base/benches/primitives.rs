//! Nanoseconds per call of the functions that stand on every command's path: `cargo bench -p redstart-base`.

use redstart_base::{crc16, crc64, glob, hash, longdouble::LongDouble, num};
use std::hint::black_box;
use std::time::Instant;

/// Prints the best of several runs, the one least disturbed by the rest of the machine.
fn measure(name: &str, mut work: impl FnMut()) {
    const CALLS: u32 = 200_000;
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        for _ in 0..CALLS {
            work();
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(CALLS));
    }
    println!("{name:<32}{best:>9.1} ns");
}

fn main() {
    // `cargo test --all-targets` runs benches too, without this.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    integers();
    floats();
    keys();
    let pattern = black_box(b"user:*:profile");
    measure("glob, 24 bytes", || {
        black_box(glob::matches(pattern, black_box(b"user:1234567890a:profile"), glob::Case::Sensitive));
    });
}

fn integers() {
    for text in ["7", "1234", "1234567890", "-9223372036854775808"] {
        let text = black_box(text.as_bytes());
        measure(&format!("parse_i64, {} bytes", text.len()), || {
            black_box(num::parse_i64(black_box(text)));
        });
    }
    let mut out = Vec::with_capacity(64);
    measure("push_i64, 10 digits", || {
        out.clear();
        num::push_i64(&mut out, black_box(1_234_567_890));
        black_box(&out);
    });
}

fn floats() {
    for text in ["17", "2.75", "0.30000000000000004", "1e300"] {
        let text = black_box(text.as_bytes());
        measure(&format!("parse_f64, {} bytes", text.len()), || {
            black_box(num::parse_f64(black_box(text)));
        });
    }
    let mut out = Vec::with_capacity(64);
    for value in [17.0, 2.75, 0.1 + 0.2, 1e300] {
        measure(&format!("push_f64, {value:e}"), || {
            out.clear();
            num::push_f64(&mut out, black_box(value));
            black_box(&out);
        });
    }
    measure("long double: parse, add, print", || {
        out.clear();
        let parse = |text| LongDouble::parse(black_box(text));
        if let (Some(left), Some(right)) = (parse(b"10.5"), parse(b"0.1")) {
            (left + right).push_text(&mut out);
        }
        black_box(&out);
    });
}

fn keys() {
    let data = black_box(vec![b'k'; 4096]);
    for len in [4, 8, 16, 32, 64, 256, 4096] {
        measure(&format!("hash, {len} bytes"), || {
            black_box(hash::hash(black_box(&data[..len]), 1));
        });
    }
    for len in [8, 16, 36] {
        measure(&format!("key_slot, {len} bytes"), || {
            black_box(crc16::key_slot(black_box(&data[..len])));
        });
    }
    measure("crc64, 4096 bytes", || {
        black_box(crc64::crc64(0, black_box(&data)));
    });
}
