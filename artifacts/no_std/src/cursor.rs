//! Reads integers, names and vectors of the binary format; every read stays inside or is refused.

use crate::refusal::{Reason, Refusal, Result};

/// What is left to read of a part of the module.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    /// Offset in the module of the end of `rest`.
    end: u32,
}

impl<'a> Cursor<'a> {
    /// Over all of `bytes`, the first of which is at `offset` in the module.
    pub(crate) fn new(bytes: &'a [u8], offset: u32) -> Result<Cursor<'a>> {
        let length = u32::try_from(bytes.len()).ok();
        match length.and_then(|length| offset.checked_add(length)) {
            Some(end) => Ok(Cursor { rest: bytes, end }),
            None => Err(Refusal::new(Reason::TooLarge, offset)),
        }
    }

    /// Offset in the module of what is read next.
    pub(crate) fn offset(&self) -> u32 {
        self.end.wrapping_sub(self.rest.len() as u32)
    }

    pub(crate) fn fault<T>(&self, reason: Reason) -> Result<T> {
        Err(Refusal::new(reason, self.offset()))
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The same, once less is left of it.
    pub(crate) fn with_rest(self, rest: &'a [u8]) -> Cursor<'a> {
        Cursor { rest, end: self.end }
    }

    pub(crate) fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn peek(&self) -> Result<u8> {
        match self.rest.first() {
            Some(byte) => Ok(*byte),
            None => self.fault(Reason::UnexpectedEnd),
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                Ok(*byte)
            }
            None => self.fault(Reason::UnexpectedEnd),
        }
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        let byte = self.u8()?;
        if byte < 0x80 {
            return Ok(u32::from(byte));
        }
        self.long_u32(byte)
    }

    fn long_u32(&mut self, first: u8) -> Result<u32> {
        let mut value = u32::from(first & 0x7f);
        for shift in [7u32, 14, 21, 28] {
            let byte = self.u8()?;
            if shift == 28 && byte > 0x0f {
                return self.fault(Reason::Integer);
            }
            value |= u32::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        self.fault(Reason::Integer)
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in [0u32, 7, 14, 21, 28, 35, 42, 49, 56, 63] {
            let byte = self.u8()?;
            if shift == 63 && byte > 1 {
                return self.fault(Reason::Integer);
            }
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        self.fault(Reason::Integer)
    }

    /// A type index, as the format writes it: a signed integer of 33 bits that is not negative.
    pub(crate) fn type_index(&mut self) -> Result<u32> {
        let mut value = 0u64;
        for shift in [0u32, 7, 14, 21, 28] {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                if byte & 0x40 != 0 {
                    return self.fault(Reason::Type);
                }
                return u32::try_from(value).or_else(|_| self.fault(Reason::Integer));
            }
        }
        self.fault(Reason::Integer)
    }

    /// Passes over a signed integer of 32 or 64 bits, whose last byte must only repeat the sign beyond them.
    pub(crate) fn skip_signed(&mut self, most: u8, sign: u8) -> Result<()> {
        for number in 1..=most {
            let byte = self.u8()?;
            if byte < 0x80 {
                let beyond = byte & sign;
                return if number < most || beyond == 0 || beyond == sign {
                    Ok(())
                } else {
                    self.fault(Reason::Integer)
                };
            }
        }
        self.fault(Reason::Integer)
    }

    /// Passes over an integer of at most `most` bytes.
    pub(crate) fn skip_integer(&mut self, most: u8) -> Result<()> {
        for _ in 0..most {
            if self.u8()? < 0x80 {
                return Ok(());
            }
        }
        self.fault(Reason::Integer)
    }

    pub(crate) fn take(&mut self, count: u32) -> Result<&'a [u8]> {
        match (self.rest.get(..count as usize), self.rest.get(count as usize..)) {
            (Some(taken), Some(rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            _ => self.fault(Reason::UnexpectedEnd),
        }
    }

    pub(crate) fn skip(&mut self, count: u32) -> Result<()> {
        self.take(count).map(|_| ())
    }

    pub(crate) fn name(&mut self) -> Result<&'a [u8]> {
        let start = *self;
        let length = self.u32()?;
        let name = self.take(length)?;
        match core::str::from_utf8(name) {
            Ok(_) => Ok(name),
            Err(_) => start.fault(Reason::Name),
        }
    }

    /// The length of a vector: each element takes at least one byte, so that no length exceeds what is left.
    pub(crate) fn count(&mut self) -> Result<u32> {
        let count = self.u32()?;
        if count as usize > self.rest.len() {
            return self.fault(Reason::UnexpectedEnd);
        }
        Ok(count)
    }

    pub(crate) fn expect(&mut self, byte: u8, reason: Reason) -> Result<()> {
        if self.peek()? != byte {
            return self.fault(reason);
        }
        self.skip(1)
    }

    /// The next `size` bytes; this one goes on behind them.
    pub(crate) fn sub(&mut self, size: u32) -> Result<Cursor<'a>> {
        let start = self.offset();
        Cursor::new(self.take(size)?, start)
    }

    /// The same part, from `offset` in the module on.
    pub(crate) fn at(&self, offset: u32) -> Result<Cursor<'a>> {
        let mut moved = *self;
        match offset.checked_sub(self.offset()) {
            Some(ahead) => moved.skip(ahead)?,
            None => return self.fault(Reason::Internal),
        }
        Ok(moved)
    }

    /// All but the last byte, which must be `byte`.
    pub(crate) fn without_last(&self, byte: u8) -> Result<Cursor<'a>> {
        match self.rest.split_last() {
            Some((last, rest)) if *last == byte => Ok(Cursor { rest, end: self.end.wrapping_sub(1) }),
            _ => self.fault(Reason::Body),
        }
    }

    pub(crate) fn finish(&self) -> Result<()> {
        if self.at_end() {
            Ok(())
        } else {
            self.fault(Reason::LeftOver)
        }
    }
}
