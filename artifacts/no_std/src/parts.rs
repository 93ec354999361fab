//! Entries of the sections, one at a time.

use crate::cursor::Cursor;
use crate::instructions::{constant, Constant};
use crate::refusal::{Reason, Result};
use crate::values::{reference, value, Value};

pub(crate) const NOTHING: Constant = Constant { plain: true, converts: false };

/// Whether what has these limits can grow.
fn limits(c: &mut Cursor, known_flags: u8) -> Result<bool> {
    let flags = c.u8()?;
    if flags & !known_flags != 0 {
        return c.fault(Reason::Flags);
    }
    let least = c.u64()?;
    let room = if flags & 1 != 0 { c.u64()? > least } else { true };
    if flags & 8 != 0 && c.u32()? > 16 {
        return c.fault(Reason::Flags);
    }
    Ok(room)
}

fn table_type(c: &mut Cursor) -> Result<Value> {
    let element = reference(c)?;
    limits(c, 0b0111)?;
    Ok(element)
}

/// Whether the memory has room to grow (H2).
pub(crate) fn memory(c: &mut Cursor) -> Result<bool> {
    limits(c, 0b1111)
}

fn global_type(c: &mut Cursor) -> Result<Value> {
    let held = value(c)?;
    if c.u8()? > 3 {
        return c.fault(Reason::Flags);
    }
    Ok(held)
}

/// The type index of a tag.
pub(crate) fn tag(c: &mut Cursor) -> Result<u32> {
    c.expect(0, Reason::Flags)?;
    c.u32()
}

#[derive(Clone, Copy)]
pub(crate) enum Item {
    Function(u32),
    Table(Value),
    Memory { room: bool },
    Global(Value),
    Tag(u32),
}

#[derive(Clone, Copy)]
pub(crate) struct Import<'a> {
    pub(crate) module: &'a [u8],
    pub(crate) name: &'a [u8],
    pub(crate) item: Item,
}

impl Import<'_> {
    /// `MODULE.NAME`, as the assumption `host-function` names a function of the host.
    pub(crate) fn joined(&self) -> impl Iterator<Item = u8> + '_ {
        self.module.iter().chain(b".").chain(self.name).copied()
    }
}

pub(crate) fn import<'a>(c: &mut Cursor<'a>) -> Result<Import<'a>> {
    let (module, name) = (c.name()?, c.name()?);
    let item = match c.u8()? {
        0 => Item::Function(c.u32()?),
        1 => Item::Table(table_type(c)?),
        2 => Item::Memory { room: memory(c)? },
        3 => Item::Global(global_type(c)?),
        4 => Item::Tag(tag(c)?),
        _ => return c.fault(Reason::Flags),
    };
    Ok(Import { module, name, item })
}

/// A table and how its initialiser is; the functions named there go to `named`.
pub(crate) fn table(c: &mut Cursor, named: impl FnMut(u32) -> Result<()>) -> Result<(Value, Constant)> {
    if c.peek()? != 0x40 {
        return Ok((table_type(c)?, NOTHING));
    }
    c.skip(1)?;
    c.expect(0, Reason::Flags)?;
    let element = table_type(c)?;
    Ok((element, constant(c, named)?))
}

/// A global and how its initialiser is; the functions named there go to `named`.
pub(crate) fn global(c: &mut Cursor, named: impl FnMut(u32) -> Result<()>) -> Result<(Value, Constant)> {
    let held = global_type(c)?;
    Ok((held, constant(c, named)?))
}

pub(crate) const FUNCTION: u8 = 0;
pub(crate) const TABLE: u8 = 1;
pub(crate) const MEMORY: u8 = 2;
pub(crate) const GLOBAL: u8 = 3;

#[derive(Clone, Copy)]
pub(crate) struct Export<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) kind: u8,
    pub(crate) index: u32,
}

pub(crate) fn export<'a>(c: &mut Cursor<'a>) -> Result<Export<'a>> {
    let (name, kind) = (c.name()?, c.u8()?);
    if kind > 4 {
        return c.fault(Reason::Flags);
    }
    Ok(Export { name, kind, index: c.u32()? })
}

impl Export<'_> {
    /// Rule T1.
    pub(crate) fn is_realloc(&self) -> bool {
        self.kind == FUNCTION
            && match self.name {
                b"canonical_abi_realloc" | b"cabi_import_realloc" | b"cabi_export_realloc" | b"cm32p2_realloc" => true,
                name => match name.strip_prefix(b"cabi_realloc") {
                    Some([]) => true,
                    Some([b'$', digits @ ..]) => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
                    _ => false,
                },
            }
    }
}

/// The beginning of an element segment: where its items are, how many, and whether they are expressions.
#[derive(Clone, Copy)]
pub(crate) struct Segment {
    /// Of an active segment.
    pub(crate) table: Option<u32>,
    pub(crate) items: u32,
    expressions: bool,
}

pub(crate) fn segment(c: &mut Cursor) -> Result<Segment> {
    let flags = c.u32()?;
    if flags > 7 {
        return c.fault(Reason::Flags);
    }
    let mut table = None;
    if flags & 1 == 0 {
        table = Some(if flags & 2 != 0 { c.u32()? } else { 0 });
        constant(c, |_| Ok(()))?;
    }
    if flags & 3 != 0 {
        if flags & 4 != 0 {
            reference(c)?;
        } else {
            c.expect(0, Reason::Flags)?;
        }
    }
    Ok(Segment { table, items: c.count()?, expressions: flags & 4 != 0 })
}

impl Segment {
    /// The next item; the functions that it names go to `named`.
    pub(crate) fn item(&self, c: &mut Cursor, mut named: impl FnMut(u32) -> Result<()>) -> Result<Constant> {
        if self.expressions {
            return constant(c, named);
        }
        named(c.u32()?)?;
        Ok(NOTHING)
    }
}

/// Passes over a data segment.
pub(crate) fn data(c: &mut Cursor) -> Result<()> {
    match c.u32()? {
        0 => {
            constant(c, |_| Ok(()))?;
        }
        1 => {}
        2 => {
            c.u32()?;
            constant(c, |_| Ok(()))?;
        }
        _ => return c.fault(Reason::Flags),
    }
    let size = c.u32()?;
    c.skip(size)
}
