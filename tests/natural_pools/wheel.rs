#![no_std]
//! A timer wheel: four slots, each the head of a list of timers, which are entries of one table.
use core::cell::UnsafeCell;

const SLOTS: usize = 4;
const TIMERS: usize = 4;
const NONE: u8 = TIMERS as u8;

struct Wheel {
    heads: [u8; SLOTS],
    next: [u8; TIMERS],
    rounds: [u8; TIMERS],
    free: u8,
    now: u8,
}

struct Shared(UnsafeCell<Wheel>);
unsafe impl Sync for Shared {}
static WHEEL: Shared = Shared(UnsafeCell::new(Wheel {
    heads: [NONE; SLOTS],
    next: [1, 2, 3, NONE],
    rounds: [0; TIMERS],
    free: 0,
    now: 0,
}));

pub fn start(ticks: u16) -> bool {
    let wheel = unsafe { &mut *WHEEL.0.get() };
    let timer = wheel.free;
    if timer == NONE {
        return false;
    }
    wheel.free = wheel.next[timer as usize];
    let slot = (wheel.now as usize + ticks as usize) % SLOTS;
    wheel.rounds[timer as usize] = (ticks as usize / SLOTS) as u8;
    wheel.next[timer as usize] = wheel.heads[slot];
    wheel.heads[slot] = timer;
    true
}

pub fn tick() -> u32 {
    let wheel = unsafe { &mut *WHEEL.0.get() };
    wheel.now = (wheel.now + 1) % SLOTS as u8;
    let mut fired = 0;
    let mut waiting = NONE;
    let mut timer = wheel.heads[wheel.now as usize];
    while timer != NONE {
        let after = wheel.next[timer as usize];
        if wheel.rounds[timer as usize] == 0 {
            wheel.next[timer as usize] = wheel.free;
            wheel.free = timer;
            fired += 1;
        } else {
            wheel.rounds[timer as usize] -= 1;
            wheel.next[timer as usize] = waiting;
            waiting = timer;
        }
        timer = after;
    }
    wheel.heads[wheel.now as usize] = waiting;
    fired
}
