//! Nanoseconds per request parsed and per reply written: `cargo bench -p redstart-resp`.

use redstart_resp::{Batch, Limits, Parser, Proto, Writer, push_command};
use std::hint::black_box;
use std::time::Instant;

/// Prints the best of several runs, the one least disturbed by the rest of the machine.
fn measure(name: &str, items: usize, mut work: impl FnMut()) {
    const CALLS: usize = 2_000;
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        for _ in 0..CALLS {
            work();
        }
        best = best.min(start.elapsed().as_nanos() as f64 / (CALLS * items) as f64);
    }
    println!("{name:<36}{best:>9.1} ns");
}

/// Requests in one input: a full pipeline.
const PIPELINE: usize = 100;

fn main() {
    // `cargo test --all-targets` runs benches too, without this.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (key, value) = ([b'k'; 16], [b'v'; 64]);
    parse("parse GET, 16-byte key", |_| vec![b"GET".to_vec(), key.to_vec()]);
    parse("parse SET, 64-byte value", |_| vec![b"SET".to_vec(), key.to_vec(), value.to_vec()]);
    parse("parse GET/SET, mixed lengths", |index| {
        let key = vec![b'k'; 3 + index * 7 % 19];
        match index * 31 % 7 {
            0..4 => vec![b"GET".to_vec(), key],
            _ => vec![b"SET".to_vec(), key, vec![b'v'; index * 53 % 300]],
        }
    });
    parse("parse MSET, 32 pairs", |_| (0..65).map(|index| vec![b'x'; 3 + index % 9]).collect());
    write("write OK", |writer| writer.simple("OK"));
    write("write bulk, 64 bytes", |writer| writer.bulk(black_box(&value)));
    write("write bulk, 1000 bytes", |writer| writer.bulk(black_box(&[b'v'; 1000])));
    write("write int", |writer| writer.int(black_box(17)));
    write("write int, 10 digits", |writer| writer.int(black_box(1_234_567_890)));
    write("write null", |writer| writer.null());
    write("write array of 2 bulks", |writer| {
        writer.array(black_box(2));
        writer.bulk(black_box(&key));
        writer.bulk(black_box(&key));
    });
}

fn parse(name: &str, request: impl Fn(usize) -> Vec<Vec<u8>>) {
    let mut input = Vec::new();
    for index in 0..PIPELINE {
        let args = request(index);
        push_command(&mut input, &args.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    let (mut parser, mut batch, limits) = (Parser::new(), Batch::new(), Limits::default());
    measure(name, PIPELINE, || {
        batch.clear();
        let outcome = parser.parse(black_box(&input), &limits, &mut batch);
        assert!(outcome.is_ok() && batch.len() == PIPELINE);
        for args in batch.iter(&input) {
            black_box((args.len(), args.at(1)));
        }
    });
}

fn write(name: &str, reply: impl Fn(&mut Writer<'_>)) {
    let mut out = Vec::new();
    measure(name, PIPELINE, || {
        out.clear();
        let mut writer = Writer::new(&mut out, Proto::Resp2);
        for _ in 0..PIPELINE {
            reply(&mut writer);
        }
        black_box(&out);
    });
}
