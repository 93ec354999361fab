//! Counters and histograms by kind of event.
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Event {
    Frame = 0,
    Retry,
    Timeout,
    Overrun,
}

impl TryFrom<u8> for Event {
    type Error = u8;
    fn try_from(code: u8) -> Result<Self, u8> {
        Ok(match code {
            0 => Event::Frame,
            1 => Event::Retry,
            2 => Event::Timeout,
            3 => Event::Overrun,
            _ => return Err(code),
        })
    }
}

const EVENTS: usize = Event::Overrun as usize + 1;
const BUCKETS: usize = 12;

static COUNTS: [AtomicU32; EVENTS] = [const { AtomicU32::new(0) }; EVENTS];
static LATENCY: [[AtomicU32; BUCKETS]; EVENTS] = [const { [const { AtomicU32::new(0) }; BUCKETS] }; EVENTS];

pub fn record(event: Event, micros: u32) {
    COUNTS[event as usize].fetch_add(1, Relaxed);
    let bucket = (u32::BITS - micros.leading_zeros()) as usize;
    LATENCY[event as usize][bucket.min(BUCKETS - 1)].fetch_add(1, Relaxed);
}

pub fn record_code(code: u8, micros: u32) -> Result<(), u8> {
    let event = Event::try_from(code)?;
    record(event, micros);
    Ok(())
}

pub fn count(event: Event) -> u32 {
    COUNTS[event as usize].load(Relaxed)
}

pub fn percentile(event: Event, share: u32) -> usize {
    let histogram = &LATENCY[event as usize];
    let total: u32 = histogram.iter().map(|bucket| bucket.load(Relaxed)).sum();
    let wanted = total.saturating_mul(share.min(100)) / 100;
    let mut seen = 0u32;
    for (at, bucket) in histogram.iter().enumerate() {
        seen = seen.saturating_add(bucket.load(Relaxed));
        if seen >= wanted {
            return at;
        }
    }
    BUCKETS - 1
}

pub fn reset() {
    COUNTS.iter().for_each(|count| count.store(0, Relaxed));
    for histogram in &LATENCY {
        for bucket in histogram {
            bucket.store(0, Relaxed);
        }
    }
}
