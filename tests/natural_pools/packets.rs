#![no_std]
//! Short packets that wait to be sent, each in a slot.
use core::cell::RefCell;

const SLOTS: usize = 2;
const BYTES: usize = 2;

struct Packet {
    to: u8,
    len: u8,
    data: [u8; BYTES],
}

enum State {
    Idle,
    Sending { slot: u8, at: u8 },
}

struct Queue {
    slots: [Option<Packet>; SLOTS],
    state: State,
}

struct Shared(RefCell<Queue>);
unsafe impl Sync for Shared {}
static QUEUE: Shared = Shared(RefCell::new(Queue { slots: [const { None }; SLOTS], state: State::Idle }));

pub fn push(to: u8, bytes: &[u8]) -> bool {
    if bytes.len() > BYTES {
        return false;
    }
    let mut queue = QUEUE.0.borrow_mut();
    for slot in queue.slots.iter_mut() {
        if slot.is_none() {
            let mut packet = Packet { to, len: bytes.len() as u8, data: [0; BYTES] };
            packet.data[..bytes.len()].copy_from_slice(bytes);
            *slot = Some(packet);
            return true;
        }
    }
    false
}

pub fn poll() -> Option<u8> {
    let queue = &mut *QUEUE.0.borrow_mut();
    match queue.state {
        State::Idle => {
            let slot = queue.slots.iter().position(Option::is_some)?;
            queue.state = State::Sending { slot: slot as u8, at: 0 };
            queue.slots[slot].as_ref().map(|packet| packet.to)
        }
        State::Sending { slot, at } => {
            let packet = queue.slots[slot as usize].as_ref()?;
            if at < packet.len {
                queue.state = State::Sending { slot, at: at + 1 };
                Some(packet.data[at as usize])
            } else {
                queue.slots[slot as usize] = None;
                queue.state = State::Idle;
                None
            }
        }
    }
}
