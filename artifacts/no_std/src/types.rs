//! Rule E7: recursion groups made canonical, subtypes as declared.

mod group;

use group::{member, Compared, Formal, Group, Hashed, Member, Part, Source, INSIDE, LOW};

use crate::cursor::Cursor;
use crate::memory::{put, word, Scratch};
use crate::refusal::{refuse, Reason, Result};
use crate::sections::vector;

/// Definitions are compared with all earlier ones: more would take too long.
pub(crate) const MAX_TYPES: u32 = 1 << 14;
const MAX_DEPTH: u32 = 64;
const NONE: u32 = u32::MAX;

const FUNCTION: u32 = 1;
const REFERENCES: u32 = 2;
const HEAD: u32 = 4;
const DEPTH: u32 = 8; // what is above these bits

pub(crate) const WORDS_OF_TYPE: usize = 6;

/// What the rules need of each type, by its index in the module.
pub(crate) struct Types<'s> {
    count: u32,
    /// The index of the first type that is equal.
    canonical: &'s mut [u32],
    parent: &'s mut [u32],
    facts: &'s mut [u32],
    // of the recursion group that begins here: its hash, and where it stands
    hash_low: &'s mut [u32],
    hash_high: &'s mut [u32],
    place: &'s mut [u32],
}

/// How many types the section defines.
pub(crate) fn count_types(section: Option<Cursor>) -> Result<u32> {
    let (groups, mut cursor) = vector(section)?;
    let mut count = 0u32;
    for _ in 0..groups {
        let mut source = Formal(Group { cursor, start: count, size: 0 });
        let size = source.0.read(Part::Group, None)?;
        for _ in 0..size {
            member(&mut source, None)?;
        }
        cursor = source.0.cursor;
        count = match count.checked_add(source.0.size) {
            Some(sum) if sum <= MAX_TYPES => sum,
            _ => return cursor.fault(Reason::TooLarge),
        };
    }
    cursor.finish()?;
    Ok(count)
}

impl<'s> Types<'s> {
    pub(crate) fn read(section: Option<Cursor>, count: u32, scratch: &mut Scratch<'s>) -> Result<Types<'s>> {
        let length = count as usize;
        let mut types = Types {
            count,
            canonical: scratch.words(length)?,
            parent: scratch.words(length)?,
            facts: scratch.words(length)?,
            hash_low: scratch.words(length)?,
            hash_high: scratch.words(length)?,
            place: scratch.words(length)?,
        };
        let (groups, first) = vector(section)?;
        let (mut cursor, mut start) = (first, 0u32);
        for _ in 0..groups {
            let mut source = Hashed { group: Group { cursor, start, size: 0 }, hash: 0 };
            source.part(Part::Group, Some(&types))?;
            let group = Group { cursor, start, size: source.group.size };
            for position in 0..group.size {
                if let Some(read) = member(&mut source, Some(&types))? {
                    types.define(group, start.wrapping_add(position), read)?;
                }
            }
            if group.size != 0 {
                types.number(first, group, source.hash)?;
            }
            cursor = source.group.cursor;
            start = start.wrapping_add(group.size);
        }
        Ok(types)
    }

    fn define(&mut self, group: Group, index: u32, read: Member) -> Result<()> {
        let mut facts = read.facts;
        let mut parent = NONE;
        if let Some(token) = read.parent {
            let named = (token & LOW) as u32;
            parent = if token & INSIDE == 0 { named } else { group.start.wrapping_add(named) };
            let depth = word(self.facts, parent)?.wrapping_div(DEPTH).wrapping_add(1);
            if parent >= index || depth > MAX_DEPTH {
                return group.cursor.fault(Reason::Type);
            }
            facts |= depth.wrapping_mul(DEPTH);
        }
        put(self.parent, index, parent)?;
        put(self.facts, index, facts)
    }

    /// Gives the types of a group the numbers of the first group that is equal, which may be itself.
    fn number(&mut self, section: Cursor, group: Group, hash: u64) -> Result<()> {
        let (low, high) = ((hash & LOW) as u32, hash.wrapping_shr(32) as u32);
        let mut first = group.start;
        for head in 0..group.start {
            let alike = word(self.hash_low, head)? == low && word(self.hash_high, head)? == high;
            if alike && word(self.facts, head)? & HEAD != 0 {
                let cursor = section.at(word(self.place, head)?)?;
                if !self.same(Group { cursor, start: head, size: 0 }, group)? {
                    // two of a hash: to look through many such would take too long, and by chance there are none
                    return group.cursor.fault(Reason::Ambiguous);
                }
                first = head;
                break;
            }
        }
        for position in 0..group.size {
            put(self.canonical, group.start.wrapping_add(position), first.wrapping_add(position))?;
        }
        if first == group.start {
            let facts = word(self.facts, first)?;
            put(self.facts, first, facts | HEAD)?;
            put(self.hash_low, first, low)?;
            put(self.hash_high, first, high)?;
            put(self.place, first, group.cursor.offset())?;
        }
        Ok(())
    }

    fn same(&self, earlier: Group, group: Group) -> Result<bool> {
        let mut source = Compared(earlier, group);
        let size = match source.part(Part::Group, Some(self))? {
            Some(size) => size,
            None => return Ok(false),
        };
        for _ in 0..size {
            if member(&mut source, Some(self))?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    fn has(&self, index: u32, fact: u32) -> bool {
        word(self.facts, index).map_or(false, |facts| facts & fact != 0)
    }

    /// Of a type that does not exist too: what is not known could be one.
    pub(crate) fn is_function(&self, index: u32) -> bool {
        index >= self.count || self.has(index, FUNCTION)
    }

    /// Rule R5.
    pub(crate) fn holds_references(&self, index: u32) -> bool {
        self.has(index, REFERENCES)
    }

    /// The number of a function type: that of the first one that is equal.
    pub(crate) fn function(&self, index: u32, at: u32) -> Result<u32> {
        if index < self.count && self.has(index, FUNCTION) {
            return word(self.canonical, index);
        }
        refuse(Reason::Index, at)
    }

    pub(crate) fn parent(&self, number: u32) -> Option<u32> {
        word(self.parent, number)
            .ok()
            .filter(|parent| *parent != NONE)
            .and_then(|parent| word(self.canonical, parent).ok())
    }
}
