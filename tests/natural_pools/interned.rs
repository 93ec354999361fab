#![no_std]
//! Names kept once each in a static arena; a name is a number.
use core::cell::RefCell;

const BYTES: usize = 64;
const NAMES: usize = 3;

struct Names {
    bytes: [u8; BYTES],
    used: u16,
    spans: [(u16, u16); NAMES],
    count: u8,
}

struct Shared(RefCell<Names>);
unsafe impl Sync for Shared {}

static TABLE: Shared = Shared(RefCell::new(Names { bytes: [0; BYTES], used: 0, spans: [(0, 0); NAMES], count: 0 }));

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name(u8);

impl Names {
    fn find(&self, name: &[u8]) -> Option<Name> {
        for number in 0..self.count {
            let (start, end) = self.spans[number as usize];
            if &self.bytes[start as usize..end as usize] == name {
                return Some(Name(number));
            }
        }
        None
    }

    fn add(&mut self, name: &[u8]) -> Option<Name> {
        if self.count as usize == NAMES || name.len() > BYTES - self.used as usize {
            return None;
        }
        let start = self.used;
        let end = start + name.len() as u16;
        self.bytes[start as usize..end as usize].copy_from_slice(name);
        self.used = end;
        self.spans[self.count as usize] = (start, end);
        self.count += 1;
        Some(Name(self.count - 1))
    }
}

pub fn intern(name: &str) -> Option<Name> {
    let mut names = TABLE.0.borrow_mut();
    if let Some(known) = names.find(name.as_bytes()) {
        return Some(known);
    }
    names.add(name.as_bytes())
}

pub fn length(name: Name) -> Option<usize> {
    let names = TABLE.0.borrow();
    let &(start, end) = names.spans.get(name.0 as usize)?;
    Some((end - start) as usize)
}
