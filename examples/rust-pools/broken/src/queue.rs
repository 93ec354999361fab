//! A ring of messages: where the oldest is, and how many there are.

const LENGTH: usize = 4;

static mut MESSAGES: [u32; LENGTH] = [0; LENGTH];
static mut OLDEST: usize = 0;
static mut COUNT: usize = 0;

/// Appends a message; false if the ring is full.
pub fn push(message: u32) -> bool {
    // SAFETY: the crate is for programs of one thread.
    unsafe {
        if COUNT == LENGTH {
            return false;
        }
        MESSAGES[(OLDEST + COUNT) % LENGTH] = message;
        COUNT += 1;
        true
    }
}

/// Takes the oldest message out.
pub fn pop() -> Option<u32> {
    // SAFETY: as above.
    unsafe {
        if COUNT == 0 {
            return None;
        }
        let message = MESSAGES[OLDEST];
        OLDEST += 1;
        if OLDEST > LENGTH {
            OLDEST = 0;
        }
        COUNT -= 1;
        Some(message)
    }
}
