//! Instructions of function bodies: passed over, but for those that the rules E1 to E4, R1, R2, R5 and R6 speak of.

use crate::cursor::Cursor;
use crate::refusal::{Reason, Result};
use crate::values::{heap, value};

/// What an instruction means to the rules.
#[derive(Clone, Copy)]
pub(crate) enum Event {
    Nothing,
    Call(u32),
    CallIndirect { kind: u32, table: u32 },
    CallReference(u32),
    Grow,
    Function(u32),
    TableRead(u32),
    TableWrite(u32),
    TableExchange(u32),
    TableInit { segment: u32, table: u32 },
    TableCopy { into: u32, from: u32 },
    ConvertExtern,
}

/// Passes over a run of the commonest instructions without an event; stops before any other, or one cut short. It keeps
/// to values that stay in registers: most of the time of a check is spent here.
pub(crate) fn pass_over<'a>(c: Cursor<'a>) -> Cursor<'a> {
    let mut code = c.rest();
    while let Some((opcode, rest)) = code.split_first() {
        let behind = match *opcode {
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 => Some(rest),
            0x0c | 0x0d | 0x20..=0x24 | 0x41 => behind_integer(rest, 5),
            0x28..=0x3e => match rest.split_first() {
                Some((flags, rest)) if *flags < 0x40 => behind_integer(rest, 10),
                _ => None,
            },
            0x02..=0x04 => match rest.split_first() {
                Some((0x40, rest)) => Some(rest),
                _ => None,
            },
            0x42 => behind_integer(rest, 10),
            _ => None,
        };
        match behind {
            Some(behind) => code = behind,
            None => break,
        }
    }
    c.with_rest(code)
}

#[inline(always)]
fn behind_integer(mut code: &[u8], most: u8) -> Option<&[u8]> {
    for _ in 0..most {
        let (byte, rest) = code.split_first()?;
        if *byte < 0x80 {
            return Some(rest);
        }
        code = rest;
    }
    None
}

/// Reads one instruction.
pub(crate) fn instruction(c: &mut Cursor) -> Result<Event> {
    let opcode = c.u8()?;
    match opcode {
        0x10 | 0x12 => c.u32().map(Event::Call),
        0x11 | 0x13 => Ok(Event::CallIndirect { kind: c.u32()?, table: c.u32()? }),
        0x14 | 0x15 => c.u32().map(Event::CallReference),
        0x25 => c.u32().map(Event::TableRead),
        0x26 => c.u32().map(Event::TableWrite),
        0x40 => {
            integers(c, 1)?;
            Ok(Event::Grow)
        }
        0xd2 => c.u32().map(Event::Function),
        0xfb => aggregate(c),
        0xfc => miscellaneous(c),
        0xfe => atomic(c),
        _ => {
            uneventful(c, opcode)?;
            Ok(Event::Nothing)
        }
    }
}

fn uneventful(c: &mut Cursor, opcode: u8) -> Result<()> {
    match opcode {
        0x00 | 0x01 | 0x05 | 0x0a | 0x0b | 0x0f | 0x19..=0x1b | 0x45..=0xc4 | 0xd1 | 0xd3 | 0xd4 => Ok(()),
        0x07..=0x09 | 0x0c | 0x0d | 0x18 | 0x20..=0x24 | 0x3f | 0x41 | 0xd5 | 0xd6 => integers(c, 1),
        0x42 => c.skip_integer(10),
        0x02..=0x04 | 0x06 => block_type(c),
        0x28..=0x3e => memory_argument(c),
        0x43 => c.skip(4),
        0x44 => c.skip(8),
        0x0e => {
            for _ in 0..c.count()? {
                integers(c, 1)?;
            }
            integers(c, 1)
        }
        0x1c => {
            for _ in 0..c.count()? {
                value(c)?;
            }
            Ok(())
        }
        0x1f => {
            block_type(c)?;
            for _ in 0..c.count()? {
                match c.u8()? {
                    0 | 1 => integers(c, 2)?,
                    2 | 3 => integers(c, 1)?,
                    _ => return c.fault(Reason::Instruction),
                }
            }
            Ok(())
        }
        0xd0 => heap(c).map(|_| ()),
        0xfd => vector(c),
        _ => c.fault(Reason::Instruction),
    }
}

#[inline(never)]
fn integers(c: &mut Cursor, count: u8) -> Result<()> {
    for _ in 0..count {
        c.skip_integer(5)?;
    }
    Ok(())
}

fn block_type(c: &mut Cursor) -> Result<()> {
    let byte = c.peek()?;
    if byte == 0x40 {
        return c.skip(1);
    }
    if byte & 0xc0 == 0x40 {
        return value(c).map(|_| ());
    }
    c.type_index().map(|_| ())
}

#[inline(never)]
fn memory_argument(c: &mut Cursor) -> Result<()> {
    let flags = c.u32()?;
    if flags > 0x7f {
        return c.fault(Reason::Flags);
    }
    if flags & 0x40 != 0 {
        c.skip_integer(5)?;
    }
    c.skip_integer(10)
}

fn aggregate(c: &mut Cursor) -> Result<Event> {
    match c.u32()? {
        0x00 | 0x01 | 0x06 | 0x07 | 0x0b..=0x0e | 0x10 => integers(c, 1)?,
        0x02..=0x05 | 0x08..=0x0a | 0x11..=0x13 => integers(c, 2)?,
        0x0f | 0x1c..=0x1e => {}
        0x14..=0x17 => {
            heap(c)?;
        }
        0x18 | 0x19 => {
            if c.u8()? > 3 {
                return c.fault(Reason::Flags);
            }
            integers(c, 1)?;
            heap(c)?;
            heap(c)?;
        }
        0x1a | 0x1b => return Ok(Event::ConvertExtern),
        _ => return c.fault(Reason::Instruction),
    }
    Ok(Event::Nothing)
}

fn miscellaneous(c: &mut Cursor) -> Result<Event> {
    match c.u32()? {
        0x00..=0x07 | 0x13..=0x16 => {}
        0x08 | 0x0a => integers(c, 2)?,
        0x09 | 0x0b | 0x0d | 0x10 => integers(c, 1)?,
        0x0c => return Ok(Event::TableInit { segment: c.u32()?, table: c.u32()? }),
        0x0e => return Ok(Event::TableCopy { into: c.u32()?, from: c.u32()? }),
        0x0f | 0x11 => return c.u32().map(Event::TableWrite),
        _ => return c.fault(Reason::Instruction),
    }
    Ok(Event::Nothing)
}

fn vector(c: &mut Cursor) -> Result<()> {
    match c.u32()? {
        0x00..=0x0b | 0x5c | 0x5d => memory_argument(c),
        0x0c | 0x0d => c.skip(16),
        0x15..=0x22 => c.skip(1),
        0x54..=0x5b => {
            memory_argument(c)?;
            c.skip(1)
        }
        0x0e..=0x14 | 0x23..=0x53 | 0x5e..=0x99 | 0x9b..=0xa1 | 0xa3 | 0xa4 | 0xa7..=0xae | 0xb1 | 0xb5..=0xba => {
            Ok(())
        }
        0xbc..=0xc1 | 0xc3 | 0xc4 | 0xc7..=0xce | 0xd1 | 0xd5..=0xe1 | 0xe3..=0xed | 0xef..=0x113 => Ok(()),
        _ => c.fault(Reason::Instruction),
    }
}

fn atomic(c: &mut Cursor) -> Result<Event> {
    let number = c.u32()?;
    match number {
        0x00..=0x02 | 0x10..=0x4e => memory_argument(c)?,
        0x03 => c.expect(0, Reason::Flags)?,
        0x4f..=0x71 => {
            if c.u8()? > 1 {
                return c.fault(Reason::Flags);
            }
            match number {
                0x58 => return c.u32().map(Event::TableRead),
                0x59 => return c.u32().map(Event::TableWrite),
                0x5a | 0x5b => return c.u32().map(Event::TableExchange),
                0x5c..=0x66 => integers(c, 2)?,
                _ => integers(c, 1)?,
            }
        }
        0x72 => {}
        _ => return c.fault(Reason::Instruction),
    }
    Ok(Event::Nothing)
}

/// The locals that a body declares before its instructions.
pub(crate) fn locals(c: &mut Cursor) -> Result<()> {
    for _ in 0..c.count()? {
        c.skip_integer(5)?;
        value(c)?;
    }
    Ok(())
}

/// What a constant expression is, besides the functions that it names (R1, R3, R5).
#[derive(Clone, Copy)]
pub(crate) struct Constant {
    /// Nothing but one `ref.func` or `ref.null`.
    pub(crate) plain: bool,
    /// From or to `extern`.
    pub(crate) converts: bool,
}

/// Reads a constant expression, and gives each function that it names to `named`.
pub(crate) fn constant(c: &mut Cursor, mut named: impl FnMut(u32) -> Result<()>) -> Result<Constant> {
    let (mut others, mut references, mut converts) = (false, 0u32, false);
    loop {
        match c.u8()? {
            0x0b => return Ok(Constant { plain: !others && references == 1, converts }),
            0xd2 => {
                named(c.u32()?)?;
                references = references.saturating_add(1);
            }
            0xd0 => {
                heap(c)?;
                references = references.saturating_add(1);
            }
            opcode => {
                others = true;
                converts |= constant_operand(c, opcode)?;
            }
        }
    }
}

/// Another instruction of a constant expression; whether it converts from or to `extern`.
fn constant_operand(c: &mut Cursor, opcode: u8) -> Result<bool> {
    match opcode {
        0x6a..=0x6c | 0x7c..=0x7e => {}
        0x23 => {
            c.u32()?;
        }
        0x41 => c.skip_signed(5, 0x78)?,
        0x42 => c.skip_signed(10, 0x7f)?,
        0x43 => c.skip(4)?,
        0x44 => c.skip(8)?,
        0xfd if c.u32()? == 0x0c => c.skip(16)?,
        0xfe if c.u32()? == 0x72 => {}
        0xfb => match c.u32()? {
            0x00 | 0x01 | 0x06 | 0x07 => {
                c.u32()?;
            }
            0x08 => {
                c.u32()?;
                c.u32()?;
            }
            0x1a | 0x1b => return Ok(true),
            0x1c => {}
            _ => return c.fault(Reason::Instruction),
        },
        _ => return c.fault(Reason::Instruction),
    }
    Ok(false)
}
