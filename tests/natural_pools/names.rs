//! Names of at most eight bytes, each with the port that it stands for, if it has one.
use std::cell::RefCell;

const N: usize = 4;

struct Names {
    bytes: [[u8; 8]; N],
    lengths: [u8; N],
    ports: [Option<u16>; N],
    count: usize,
}

struct Shared(RefCell<Names>);
unsafe impl Sync for Shared {}

static NAMES: Shared =
    Shared(RefCell::new(Names { bytes: [[0; 8]; N], lengths: [0; N], ports: [None; N], count: 0 }));

fn place_of(names: &Names, name: &[u8]) -> Option<usize> {
    for at in 0..names.count {
        let length = names.lengths[at] as usize;
        if &names.bytes[at][..length] == name {
            return Some(at);
        }
    }
    None
}

pub fn add(name: &[u8], port: Option<u16>) -> bool {
    let mut names = NAMES.0.borrow_mut();
    if names.count == N || name.len() > 8 || place_of(&names, name).is_some() {
        return false;
    }
    let at = names.count;
    names.bytes[at][..name.len()].copy_from_slice(name);
    names.lengths[at] = name.len() as u8;
    names.ports[at] = port;
    names.count += 1;
    true
}

pub fn port_of(name: &[u8]) -> Option<u16> {
    let names = NAMES.0.borrow();
    place_of(&names, name).map(|at| names.ports[at]).flatten()
}

pub fn stands_for(at: usize, port: u16) -> bool {
    let names = NAMES.0.borrow();
    at < names.count && names.ports[at] == Some(port)
}
