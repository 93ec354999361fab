//! A budget for each client, in a table that an enum indexes.

use core::cell::Cell;

#[derive(Clone, Copy)]
pub enum Client {
    Sensor,
    Actuator,
    Monitor,
    Logger,
}

const CLIENTS: usize = 4;
const BUDGET: u32 = 1000;

struct Table {
    used: [Cell<u32>; CLIENTS],
}

// SAFETY: the crate is for programs of one thread.
unsafe impl Sync for Table {}

static TABLE: Table = Table { used: [const { Cell::new(0) }; CLIENTS] };

/// Takes an amount from the client's budget; false if there is not so much.
pub fn charge(client: Client, amount: u32) -> bool {
    let used = &TABLE.used[client as usize];
    if amount > BUDGET - used.get() {
        return false;
    }
    used.set(used.get() + amount);
    true
}

/// Gives all of it back.
pub fn settle(client: Client) {
    TABLE.used[client as usize].set(0);
}
