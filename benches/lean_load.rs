//! A load generator that costs little: where valkey-benchmark is what limits a row, this one shows the server.
//!
//!   rustc --edition 2024 -O -o lean_load benches/lean_load.rs
//!   benches/side_by_side --generator ./lean_load ...
//!
//! It takes the arguments of valkey-benchmark that `tools/lib/loads.py` gives (`-p -c -P -n -r -d --csv COMMAND...`) and
//! prints the same row. It has one thread that goes round its connections: takes all replies of one, sends it the next
//! batch, and goes on to the next, which the server has answered meanwhile. So there is neither a call that asks which
//! connection is ready, nor are replies parsed: it counts their bytes, and therefore all replies to a command must be as
//! long as the first one (which is checked as far as bytes in excess or an error tell).

use std::io::{Read, Result, Write};
use std::net::TcpStream;
use std::time::Instant;

/// What valkey-benchmark replaces by a random number of twelve digits.
const RANDOM: &[u8] = b"__rand_int__";
/// What it replaces by the value.
const DATA: &str = "__data__";

/// What was asked for on the command line.
struct Load {
    port: u16,
    connections: usize,
    pipeline: usize,
    requests: u64,
    /// Random numbers are below this.
    numbers: u64,
    words: Vec<String>,
}

impl Load {
    fn of_arguments() -> Load {
        let mut load = Load {
            port: 6379,
            connections: 50,
            pipeline: 1,
            requests: 100_000,
            numbers: 1,
            words: Vec::new(),
        };
        let mut value_bytes = 3;
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok()).expect("a number");
            match argument.as_str() {
                "-p" => load.port = number() as u16,
                "-c" => load.connections = number() as usize,
                "-P" => load.pipeline = number() as usize,
                "-n" => load.requests = number(),
                "-r" => load.numbers = number().max(1),
                "-d" => value_bytes = number() as usize,
                "--csv" => {}
                _ => {
                    load.words = std::iter::once(argument).chain(arguments.by_ref()).collect();
                }
            }
        }
        load.words.iter_mut().for_each(|word| *word = word.replace(DATA, &"x".repeat(value_bytes)));
        load
    }

    /// The command as many times as are sent at once.
    fn batch(&self) -> Vec<u8> {
        let mut one = format!("*{}\r\n", self.words.len());
        self.words.iter().for_each(|word| one += &format!("${}\r\n{word}\r\n", word.len()));
        one.repeat(self.pipeline).into_bytes()
    }
}

/// A seeded sequence of numbers (xorshift64): runs are alike.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// A batch whose numbers are drawn anew before it is sent.
struct Batch {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Batch {
    fn new(bytes: Vec<u8>) -> Batch {
        let is_place = |at: &usize| bytes[*at..].starts_with(RANDOM);
        let places = (0..bytes.len()).filter(is_place).collect();
        Batch { bytes, places }
    }

    fn draw(&mut self, numbers: &mut Numbers, below: u64) -> &[u8] {
        for place in &self.places {
            let mut left = numbers.next() % below;
            for digit in self.bytes[*place..place + RANDOM.len()].iter_mut().rev() {
                *digit = b'0' + (left % 10) as u8;
                left /= 10;
            }
        }
        &self.bytes
    }
}

/// How long the reply to one command is: what comes until nothing more does.
fn reply_bytes(load: &Load, numbers: &mut Numbers) -> Result<usize> {
    let mut socket = TcpStream::connect(("127.0.0.1", load.port))?;
    let once = Load { pipeline: 1, words: load.words.clone(), ..*load };
    socket.write_all(Batch::new(once.batch()).draw(numbers, load.numbers))?;
    socket.write_all(b"*2\r\n$4\r\nECHO\r\n$15\r\nthe reply's end\r\n")?;
    let end = b"$15\r\nthe reply's end\r\n";
    let (mut reply, mut part) = (Vec::new(), [0; 4096]);
    while !reply.ends_with(end) {
        match socket.read(&mut part)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => reply.extend_from_slice(&part[..count]),
        }
    }
    assert!(reply[0] != b'-', "error: {}", String::from_utf8_lossy(&reply));
    Ok(reply.len() - end.len())
}

fn main() -> Result<()> {
    let load = Load::of_arguments();
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut batch = Batch::new(load.batch());
    let expected = reply_bytes(&load, &mut numbers)? * load.pipeline;
    let connect = |_| TcpStream::connect(("127.0.0.1", load.port));
    let mut sockets = (0..load.connections).map(connect).collect::<Result<Vec<_>>>()?;
    let mut replies = vec![0; expected];
    // Whoever gets a whole number of batches is a little above what was asked for.
    let rounds = load.requests.div_ceil((load.pipeline * load.connections) as u64).max(1);
    let begin = Instant::now();
    for socket in &mut sockets {
        socket.set_nodelay(true)?;
        socket.write_all(batch.draw(&mut numbers, load.numbers))?;
    }
    for round in 1..=rounds {
        for socket in &mut sockets {
            socket.read_exact(&mut replies)?;
            assert!(replies[0] != b'-' && replies.ends_with(b"\r\n"), "error: a reply of another length");
            if round < rounds {
                socket.write_all(batch.draw(&mut numbers, load.numbers))?;
            }
        }
    }
    let done = rounds * (load.pipeline * load.connections) as u64;
    println!("\"{}\",\"{:.2}\",\"0\"", load.words.join(" "), done as f64 / begin.elapsed().as_secs_f64());
    Ok(())
}
