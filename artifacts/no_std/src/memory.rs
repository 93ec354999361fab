//! The caller's scratch memory, cut into words, sets and relations.

use crate::refusal::{Reason, Refusal, Result};

fn internal() -> Refusal {
    Refusal::new(Reason::Internal, 0)
}

pub(crate) const fn words_for(bits: u32) -> usize {
    (bits >> 5).wrapping_add((bits & 31 != 0) as u32) as usize
}

/// Cuts pieces off the scratch memory, all of them zero.
pub(crate) struct Scratch<'s> {
    free: &'s mut [u32],
}

impl<'s> Scratch<'s> {
    pub(crate) fn new(free: &'s mut [u32]) -> Scratch<'s> {
        Scratch { free }
    }

    pub(crate) fn words(&mut self, count: usize) -> Result<&'s mut [u32]> {
        let free = core::mem::take(&mut self.free);
        if count > free.len() {
            return Err(internal());
        }
        let (taken, rest) = free.split_at_mut(count);
        self.free = rest;
        taken.fill(0);
        Ok(taken)
    }

    pub(crate) fn set(&mut self, size: u32) -> Result<Set<'s>> {
        Ok(Set { words: self.words(words_for(size))? })
    }

    pub(crate) fn relation(&mut self, rows: u32, columns: u32) -> Result<Relation<'s>> {
        let width = words_for(columns);
        let count = (rows as usize).checked_mul(width).ok_or_else(internal)?;
        Ok(Relation { words: self.words(count)?, width })
    }
}

/// A set of small numbers.
pub(crate) struct Set<'s> {
    words: &'s mut [u32],
}

impl Set<'_> {
    pub(crate) fn has(&self, number: u32) -> bool {
        has(self.words, number)
    }

    pub(crate) fn add(&mut self, number: u32) -> Result<()> {
        add(self.words, number)
    }

    pub(crate) fn remove(&mut self, number: u32) -> Result<()> {
        let word = self.words.get_mut((number >> 5) as usize).ok_or_else(internal)?;
        *word &= !1u32.wrapping_shl(number & 31);
        Ok(())
    }
}

/// Pairs of small numbers: a set for each row.
pub(crate) struct Relation<'s> {
    words: &'s mut [u32],
    width: usize,
}

impl Relation<'_> {
    fn start(&self, row: u32) -> Option<usize> {
        (row as usize).checked_mul(self.width)
    }

    pub(crate) fn row(&self, row: u32) -> &[u32] {
        let start = self.start(row);
        let range = start.and_then(|start| Some(start..start.checked_add(self.width)?));
        range.and_then(|range| self.words.get(range)).unwrap_or(&[])
    }

    pub(crate) fn has(&self, row: u32, column: u32) -> bool {
        has(self.row(row), column)
    }

    pub(crate) fn add(&mut self, row: u32, column: u32) -> Result<()> {
        let start = self.start(row).ok_or_else(internal)?;
        let end = start.checked_add(self.width).ok_or_else(internal)?;
        add(self.words.get_mut(start..end).ok_or_else(internal)?, column)
    }

    pub(crate) fn clear(&mut self, row: u32) -> Result<()> {
        let start = self.start(row).ok_or_else(internal)?;
        let end = start.checked_add(self.width).ok_or_else(internal)?;
        self.words.get_mut(start..end).ok_or_else(internal)?.fill(0);
        Ok(())
    }

    /// Adds everything of row `from` to row `into`; whether that was anything new.
    pub(crate) fn join(&mut self, into: u32, from: u32) -> Result<bool> {
        let (into, from) = (self.start(into).ok_or_else(internal)?, self.start(from).ok_or_else(internal)?);
        let mut changed = false;
        for column in 0..self.width {
            let source = from.checked_add(column).and_then(|at| self.words.get(at)).copied().ok_or_else(internal)?;
            let target = into.checked_add(column).and_then(|at| self.words.get_mut(at)).ok_or_else(internal)?;
            changed |= source & !*target != 0;
            *target |= source;
        }
        Ok(changed)
    }
}

fn has(words: &[u32], number: u32) -> bool {
    words.get((number >> 5) as usize).map_or(false, |word| word.wrapping_shr(number & 31) & 1 != 0)
}

fn add(words: &mut [u32], number: u32) -> Result<()> {
    let word = words.get_mut((number >> 5) as usize).ok_or_else(internal)?;
    *word |= 1u32.wrapping_shl(number & 31);
    Ok(())
}

/// Reads one word of a piece.
pub(crate) fn word(words: &[u32], index: u32) -> Result<u32> {
    words.get(index as usize).copied().ok_or_else(internal)
}

/// Writes one word of a piece.
pub(crate) fn put(words: &mut [u32], index: u32, value: u32) -> Result<()> {
    *words.get_mut(index as usize).ok_or_else(internal)? = value;
    Ok(())
}
