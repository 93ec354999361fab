#![no_std]
//! A cache of two sectors; the one that was used least recently is given up.
use core::cell::UnsafeCell;

const WAYS: usize = 2;
const SECTOR: usize = 16;

#[derive(Clone, Copy)]
struct Entry {
    sector: u32,
    age: u8,
    dirty: bool,
}

struct Cache {
    entries: [Option<Entry>; WAYS],
    data: [[u8; SECTOR]; WAYS],
}

struct Shared(UnsafeCell<Cache>);
unsafe impl Sync for Shared {}
static CACHE: Shared = Shared(UnsafeCell::new(Cache { entries: [None; WAYS], data: [[0; SECTOR]; WAYS] }));

impl Cache {
    fn find(&self, sector: u32) -> Option<usize> {
        self.entries.iter().position(|entry| matches!(entry, Some(e) if e.sector == sector))
    }

    fn victim(&self) -> usize {
        let mut oldest = 0;
        let mut most = 0;
        for (way, entry) in self.entries.iter().enumerate() {
            match entry {
                None => return way,
                Some(e) if e.age >= most => {
                    most = e.age;
                    oldest = way;
                }
                Some(_) => {}
            }
        }
        oldest
    }

    fn touch(&mut self, way: usize) {
        for entry in self.entries.iter_mut().flatten() {
            entry.age = entry.age.saturating_add(1);
        }
        if let Some(entry) = &mut self.entries[way] {
            entry.age = 0;
        }
    }
}

pub fn write(sector: u32, offset: usize, byte: u8) -> bool {
    let cache = unsafe { &mut *CACHE.0.get() };
    if offset >= SECTOR {
        return false;
    }
    let way = match cache.find(sector) {
        Some(way) => way,
        None => {
            let way = cache.victim();
            if cache.entries[way].is_some_and(|e| e.dirty) {
                return false;
            }
            cache.entries[way] = Some(Entry { sector, age: 0, dirty: false });
            way
        }
    };
    cache.data[way][offset] = byte;
    if let Some(entry) = cache.entries[way].as_mut() {
        entry.dirty = true;
    }
    cache.touch(way);
    true
}

pub fn invalidate(sector: u32) {
    let cache = unsafe { &mut *CACHE.0.get() };
    if let Some(way) = cache.find(sector) {
        cache.entries[way] = None;
    }
}

pub fn flush() {
    let cache = unsafe { &mut *CACHE.0.get() };
    for entry in cache.entries.iter_mut().flatten() {
        entry.dirty = false;
    }
}
