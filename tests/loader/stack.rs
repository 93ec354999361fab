//! Says how many bytes of stack one check of a module and a certificate takes: what lies below this program's own frame
//! is painted first, and looked at afterwards.

use proofmark_loader::{check, scratch_words};

const PAINT: u8 = 0xa5;
const PAINTED: usize = 256 * 1024;
/// Not painted: the frame of what paints.
const OWN: usize = 512;

#[inline(never)]
fn accepted(module: &[u8], certificate: &[u8], scratch: &mut [u32]) -> bool {
    check(module, certificate, scratch).is_ok()
}

#[inline(never)]
fn paint(top: *mut u8) {
    for below in OWN..PAINTED {
        unsafe { top.sub(below).write_volatile(PAINT) }
    }
}

#[inline(never)]
fn deepest(top: *const u8) -> usize {
    (OWN..PAINTED).rev().find(|&below| unsafe { top.sub(below).read_volatile() } != PAINT).unwrap_or(OWN)
}

fn measured(module: &[u8], certificate: &[u8], scratch: &mut [u32]) -> usize {
    let mut marker = 0u8;
    let top: *mut u8 = &mut marker;
    paint(top);
    assert!(accepted(module, certificate, scratch), "a certificate that is accepted");
    deepest(top)
}

fn main() {
    let [_, module, certificate] = &std::env::args().collect::<Vec<_>>()[..] else { panic!("MODULE CERTIFICATE") };
    let module = std::fs::read(module).expect("a module");
    let certificate = std::fs::read(certificate).expect("a certificate");
    let mut scratch = vec![0; scratch_words(&module).expect("a module that can be read")];
    let thread = std::thread::Builder::new().stack_size(4 * PAINTED);
    let run = thread.spawn(move || measured(&module, &certificate, &mut scratch));
    println!("{}", run.expect("a thread").join().expect("an answer"));
}
