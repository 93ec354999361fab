//! Samples behind `RefCell`s: written by whoever may borrow them, summed, and cleared.
use std::cell::RefCell;

const N: usize = 8;

struct Samples(RefCell<[u32; N]>, RefCell<usize>);
unsafe impl Sync for Samples {}

static SAMPLES: Samples = Samples(RefCell::new([0; N]), RefCell::new(0));

pub fn push(value: u32) -> bool {
    let Ok(mut len) = SAMPLES.1.try_borrow_mut() else { return false };
    if *len == N {
        return false;
    }
    SAMPLES.0.borrow_mut()[*len] = value;
    *len += 1;
    true
}

pub fn push_all(values: &[u32]) -> usize {
    let mut done = 0;
    for value in values {
        if !push(*value) {
            break;
        }
        done += 1;
    }
    done
}

pub fn fill(values: &[u32]) {
    let mut len = SAMPLES.1.borrow_mut();
    for value in values {
        if *len < N {
            SAMPLES.0.borrow_mut()[*len] = *value;
            *len += 1;
        }
    }
    drop(len);
}

pub fn sum() -> u32 {
    let (len, samples) = (SAMPLES.1.borrow(), SAMPLES.0.borrow());
    let mut sum = 0u32;
    for at in 0..*len {
        sum = sum.wrapping_add(samples[at]);
    }
    sum
}

pub fn mean() -> Option<i32> {
    let len = *SAMPLES.1.borrow();
    if len == 0 {
        return None;
    }
    Some((sum() as i32) / (len as i32))
}

pub fn clear() {
    SAMPLES.1.replace(0);
    *SAMPLES.0.borrow_mut() = [0; N];
}
