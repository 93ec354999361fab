//! Checks pairs of a module and a certificate that come on standard input, and says of each what the loader says. An
//! argument is the number of words of scratch memory that there are; else there are as many as needed.
//! With `speed MODULE CERTIFICATE RUNS` it says how many seconds the quickest of so many checks takes.

use proofmark_loader::{check, scratch_words};
use std::io::{BufRead, BufWriter, Read, Write};

/// In place of a length: the module of the pair before.
const AGAIN: u32 = u32::MAX;

fn number(input: &mut impl Read) -> Option<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes).ok()?;
    Some(u32::from_le_bytes(bytes))
}

fn bytes(input: &mut impl Read, length: u32) -> Vec<u8> {
    let mut bytes = vec![0; length as usize];
    input.read_exact(&mut bytes).expect("a whole pair");
    bytes
}

fn answer(module: &[u8], certificate: &[u8], words: Option<usize>) -> String {
    let scratch = &mut vec![0xdead_beef; words.or(scratch_words(module).ok()).unwrap_or(0)];
    match check(module, certificate, scratch) {
        Ok(_) => "accepted".to_string(),
        Err(refusal) => format!("{:?} {:#x}", refusal.reason, refusal.offset),
    }
}

fn speed(module: &str, certificate: &str, runs: u32) {
    let module = std::fs::read(module).expect("a module");
    let certificate = std::fs::read(certificate).expect("a certificate");
    let mut scratch = vec![0; scratch_words(&module).expect("a module that can be read")];
    let seconds = (0..runs).map(|_| {
        let start = std::time::Instant::now();
        check(&module, &certificate, &mut scratch).expect("a certificate that is accepted");
        start.elapsed().as_secs_f64()
    });
    println!("{} {}", seconds.fold(f64::INFINITY, f64::min), scratch.len());
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, module, certificate, runs] = &arguments[..] {
        assert_eq!(command, "speed");
        return speed(module, certificate, runs.parse().expect("a number of runs"));
    }
    let mut input = std::io::stdin().lock();
    let mut output = BufWriter::new(std::io::stdout().lock());
    let words = arguments.get(1).map(|words| words.parse().expect("a number of words"));
    let mut module = Vec::new();
    while !input.fill_buf().expect("standard input").is_empty() {
        let length = number(&mut input).expect("a length");
        if length != AGAIN {
            module = bytes(&mut input, length);
        }
        let length = number(&mut input).expect("a length");
        let certificate = bytes(&mut input, length);
        writeln!(output, "{}", answer(&module, &certificate, words)).expect("standard output");
    }
}
