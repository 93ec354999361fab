//! Recursion groups, part by part: to count them, to hash them, or to compare two.

use super::{Types, FUNCTION, REFERENCES};
use crate::cursor::Cursor;
use crate::memory::word;
use crate::refusal::{Reason, Result};
use crate::values::{value, Heap, Value};

/// The parts that a recursion group is read in.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Group,
    Head,
    Super,
    Composite,
    Count,
    Value,
    Field,
}

/// A definition's type indices mean something by their group: where that begins, and how many types it has.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) start: u32,
    pub(super) size: u32,
}

// how a part is put into one number: the same number for the same meaning
const REFERENCE: u64 = 1 << 40;
const NULLABLE: u64 = 1 << 41;
const SHARED: u64 = 1 << 42;
pub(super) const INSIDE: u64 = 1 << 43;
const OUTSIDE: u64 = 1 << 44;
const PACKED: u64 = 1 << 45;
const MUTABLE: u64 = 1 << 46;
const HOLDS: u64 = 1 << 47; // a reference other than to extern
pub(super) const LOW: u64 = 0xffff_ffff;

impl<'a> Group<'a> {
    pub(super) fn read(&mut self, part: Part, types: Option<&Types>) -> Result<u64> {
        let c = &mut self.cursor;
        match part {
            Part::Group => {
                let mut size = 1;
                if c.peek()? == 0x4e {
                    c.skip(1)?;
                    size = c.count()?;
                }
                self.size = size;
                Ok(u64::from(size))
            }
            Part::Head => head(c),
            Part::Super => {
                let index = c.u32()?;
                self.index(index, types)
            }
            Part::Composite => {
                let shared = c.peek()? == 0x65;
                if shared {
                    c.skip(1)?;
                }
                let byte = c.u8()?;
                if !(0x5e..=0x60).contains(&byte) {
                    return c.fault(Reason::Type);
                }
                Ok(u64::from(byte) | if shared { SHARED } else { 0 })
            }
            Part::Count => Ok(u64::from(c.count()?)),
            Part::Value => {
                let read = value(c)?;
                self.value(read, types)
            }
            Part::Field => self.field(types),
        }
    }

    fn field(&mut self, types: Option<&Types>) -> Result<u64> {
        let c = &mut self.cursor;
        let byte = c.peek()?;
        let storage = if byte == 0x77 || byte == 0x78 {
            c.skip(1)?;
            PACKED | u64::from(byte)
        } else {
            let read = value(c)?;
            self.value(read, types)?
        };
        match self.cursor.u8()? {
            0 => Ok(storage),
            1 => Ok(storage | MUTABLE),
            _ => self.cursor.fault(Reason::Flags),
        }
    }

    fn value(&self, read: Value, types: Option<&Types>) -> Result<u64> {
        let holds = if read.holds_references() { HOLDS } else { 0 };
        match read {
            Value::Number(byte) => Ok(u64::from(byte)),
            Value::Reference { nullable, shared, heap } => {
                let heap = match heap {
                    Heap::Abstract(byte) => u64::from(byte),
                    Heap::Defined(index) => self.index(index, types)?,
                };
                let nullable = if nullable { NULLABLE } else { 0 };
                Ok(heap | REFERENCE | nullable | holds | if shared { SHARED } else { 0 })
            }
        }
    }

    fn index(&self, index: u32, types: Option<&Types>) -> Result<u64> {
        match index.checked_sub(self.start) {
            None => match types {
                Some(types) => Ok(OUTSIDE | u64::from(word(types.canonical, index)?)),
                None => Ok(OUTSIDE),
            },
            Some(within) if within < self.size => Ok(INSIDE | u64::from(within)),
            Some(_) => self.cursor.fault(Reason::Type),
        }
    }
}

/// The number of supertypes, and whether the type is final.
fn head(c: &mut Cursor) -> Result<u64> {
    let byte = c.peek()?;
    if byte != 0x4f && byte != 0x50 {
        return Ok(2); // final, no supertype
    }
    c.skip(1)?;
    let supers = c.count()?;
    if supers > 1 {
        return c.fault(Reason::Type);
    }
    Ok(u64::from(byte == 0x4f).wrapping_shl(1) | u64::from(supers))
}

/// What gives the next part of a group; None ends the reading.
pub(super) trait Source {
    fn part(&mut self, part: Part, types: Option<&Types>) -> Result<Option<u64>>;
}

/// One group, hashed as it is read.
pub(super) struct Hashed<'a> {
    pub(super) group: Group<'a>,
    pub(super) hash: u64,
}

impl Source for Hashed<'_> {
    fn part(&mut self, part: Part, types: Option<&Types>) -> Result<Option<u64>> {
        let token = self.group.read(part, types)?;
        self.hash = (self.hash ^ token).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.hash ^= self.hash.wrapping_shr(29);
        Ok(Some(token))
    }
}

/// Two groups, read as long as they are the same.
pub(super) struct Compared<'a>(pub(super) Group<'a>, pub(super) Group<'a>);

impl Source for Compared<'_> {
    fn part(&mut self, part: Part, types: Option<&Types>) -> Result<Option<u64>> {
        let token = self.0.read(part, types)?;
        Ok(if token == self.1.read(part, types)? { Some(token) } else { None })
    }
}

/// What is taken down of a member while its group is read.
pub(super) struct Member {
    pub(super) parent: Option<u64>,
    pub(super) facts: u32,
}

macro_rules! next {
    ($source:expr, $part:expr, $types:expr) => {
        match $source.part($part, $types)? {
            Some(token) => token,
            None => return Ok(None),
        }
    };
}

/// Reads one member; None if two that are compared differ.
pub(super) fn member(source: &mut impl Source, types: Option<&Types>) -> Result<Option<Member>> {
    let mut parent = None;
    if next!(source, Part::Head, types) & 1 != 0 {
        parent = Some(next!(source, Part::Super, types));
    }
    let kind = next!(source, Part::Composite, types) & LOW;
    let mut facts = 0;
    if kind == 0x60 {
        facts = FUNCTION;
        for _ in 0..2 {
            for _ in 0..next!(source, Part::Count, types) {
                if next!(source, Part::Value, types) & HOLDS != 0 {
                    facts |= REFERENCES;
                }
            }
        }
    } else {
        let fields = if kind == 0x5f { next!(source, Part::Count, types) } else { 1 };
        for _ in 0..fields {
            next!(source, Part::Field, types);
        }
    }
    Ok(Some(Member { parent, facts }))
}

/// One group, read for its form alone.
pub(super) struct Formal<'a>(pub(super) Group<'a>);

impl Source for Formal<'_> {
    fn part(&mut self, part: Part, types: Option<&Types>) -> Result<Option<u64>> {
        self.0.read(part, types).map(Some)
    }
}
