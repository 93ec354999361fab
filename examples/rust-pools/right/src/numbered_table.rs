//! Counters of channels by number, which callers from other languages give.

use core::sync::atomic::{AtomicU32, Ordering};

const CHANNELS: usize = 6;

static COUNTERS: [AtomicU32; CHANNELS] = [const { AtomicU32::new(0) }; CHANNELS];

/// Counts a message of the channel; false if there is no such channel.
pub fn count(channel: u32) -> bool {
    let channel = channel as usize;
    if channel >= CHANNELS {
        return false;
    }
    // SAFETY: the number was compared with that of the channels.
    unsafe { COUNTERS.get_unchecked(channel) }.fetch_add(1, Ordering::Relaxed);
    true
}
