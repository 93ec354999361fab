//! Value types, as they stand in the binary.

use crate::cursor::Cursor;
use crate::refusal::{Reason, Result};

const FUNC: u8 = 0x70;
const NOFUNC: u8 = 0x73;
const EXTERN: u8 = 0x6f;
const NOEXTERN: u8 = 0x72;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heap {
    Abstract(u8),
    Defined(u32),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Number(u8),
    Reference { nullable: bool, shared: bool, heap: Heap },
}

impl Value {
    /// Rule R5: a reference other than to `extern` or `noextern`.
    pub(crate) fn holds_references(self) -> bool {
        match self {
            Value::Number(_) => false,
            Value::Reference { heap, .. } => heap != Heap::Abstract(EXTERN) && heap != Heap::Abstract(NOEXTERN),
        }
    }

    /// Whether it refers to functions, by its heap type; `is_function` tells of a defined type.
    pub(crate) fn holds_functions(self, is_function: impl Fn(u32) -> bool) -> bool {
        match self {
            Value::Number(_) => false,
            Value::Reference { heap: Heap::Abstract(byte), .. } => byte == FUNC || byte == NOFUNC,
            Value::Reference { heap: Heap::Defined(index), .. } => is_function(index),
        }
    }
}

const fn is_abstract(byte: u8) -> bool {
    byte >= 0x69 && byte <= 0x74
}

/// Whether it is a heap type that is shared, and the heap type.
pub(crate) fn heap(c: &mut Cursor) -> Result<(bool, Heap)> {
    let byte = c.peek()?;
    if byte == 0x65 {
        c.skip(1)?;
        let inner = c.u8()?;
        return if is_abstract(inner) { Ok((true, Heap::Abstract(inner))) } else { c.fault(Reason::Type) };
    }
    if is_abstract(byte) {
        c.skip(1)?;
        return Ok((false, Heap::Abstract(byte)));
    }
    Ok((false, Heap::Defined(c.type_index()?)))
}

pub(crate) fn reference(c: &mut Cursor) -> Result<Value> {
    let byte = c.peek()?;
    if byte == 0x63 || byte == 0x64 {
        c.skip(1)?;
    } else if byte != 0x65 && !is_abstract(byte) {
        return c.fault(Reason::Type);
    }
    let (shared, heap) = heap(c)?;
    Ok(Value::Reference { nullable: byte != 0x64, shared, heap })
}

pub(crate) fn value(c: &mut Cursor) -> Result<Value> {
    let byte = c.peek()?;
    if (0x7b..=0x7f).contains(&byte) {
        c.skip(1)?;
        return Ok(Value::Number(byte));
    }
    reference(c)
}
