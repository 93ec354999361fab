#![no_std]
//! Timers in a table: whoever starts one gets its number, and asks each tick which of them are due.
use core::cell::UnsafeCell;

const TIMERS: usize = 4;

#[derive(Clone, Copy)]
struct Timer {
    due: u32,
    period: u32,
    id: u8,
}

#[derive(Clone, Copy)]
enum Event {
    Idle,
    #[allow(dead_code)]
    Key(u8),
    Move { x: i16, y: i16 },
}

struct Timers {
    timers: [Option<Timer>; TIMERS],
    count: usize,
    fired: [u16; TIMERS],
    last: [Event; TIMERS],
}

struct Shared(UnsafeCell<Timers>);
unsafe impl Sync for Shared {}
static STATE: Shared = Shared(UnsafeCell::new(Timers {
    timers: [None; TIMERS],
    count: 0,
    fired: [0; TIMERS],
    last: [Event::Idle; TIMERS],
}));

fn state() -> &'static mut Timers {
    unsafe { &mut *STATE.0.get() }
}

pub fn start(now: u32, period: u32) -> Option<usize> {
    let s = state();
    let free = s.timers.iter().position(Option::is_none)?;
    s.timers[free] = Some(Timer { due: now.wrapping_add(period), period, id: free as u8 });
    s.count += 1;
    Some(free)
}

pub fn stop(timer: usize) -> bool {
    let s = state();
    if timer >= TIMERS {
        return false;
    }
    if s.timers[timer].take().is_some() {
        s.count -= 1;
        return true;
    }
    false
}

pub fn tick(now: u32) {
    let s = state();
    for slot in s.timers.iter_mut() {
        if let Some(timer) = slot {
            if timer.due == now {
                s.fired[timer.id as usize] += 1;
                timer.due = now.wrapping_add(timer.period);
            }
        }
    }
}

pub fn key(at: usize, code: u8) {
    let s = state();
    if at < TIMERS {
        s.last[at] = Event::Key(code);
    }
}

pub fn moved(at: usize, dx: i16, dy: i16) {
    let s = state();
    if let Some(slot) = s.last.get_mut(at) {
        *slot = match *slot {
            Event::Move { x, y } => Event::Move { x: x.wrapping_add(dx), y: y.wrapping_add(dy) },
            _ => Event::Move { x: dx, y: dy },
        };
    }
}
