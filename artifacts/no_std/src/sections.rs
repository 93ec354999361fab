//! The sections of a core module, found by their headers; and its bytes without those that hold certificates.

use crate::certificate::{obligation_of, Obligation};
use crate::cursor::Cursor;
use crate::refusal::{Reason, Refusal, Result};
use crate::sha256::Sha256;

/// Name of the custom sections that hold certificates, one each.
pub const SECTION_NAME: &str = "proofmark.closed-set";

pub(crate) const TYPE: u8 = 1;
pub(crate) const IMPORT: u8 = 2;
pub(crate) const FUNCTION: u8 = 3;
pub(crate) const TABLE: u8 = 4;
pub(crate) const MEMORY: u8 = 5;
pub(crate) const GLOBAL: u8 = 6;
pub(crate) const EXPORT: u8 = 7;
pub(crate) const START: u8 = 8;
pub(crate) const ELEMENT: u8 = 9;
pub(crate) const CODE: u8 = 10;
pub(crate) const DATA: u8 = 11;
pub(crate) const DATA_COUNT: u8 = 12;
pub(crate) const TAG: u8 = 13;

const PREAMBLE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Custom sections may stand anywhere; the others once each, in this order.
const fn place(number: u8) -> u8 {
    match number {
        TYPE..=MEMORY => number,
        TAG => 6,
        GLOBAL..=ELEMENT => number.wrapping_add(1),
        DATA_COUNT => 11,
        CODE => 12,
        DATA => 13,
        _ => 0,
    }
}

/// Goes over the headers of all sections.
struct Headers<'a> {
    rest: Cursor<'a>,
    last: u8,
}

enum Header<'a> {
    Known(u8, Cursor<'a>),
    Custom,
    /// One of ours: where the section begins, and what it holds.
    Certificate(u32, Cursor<'a>),
}

impl<'a> Headers<'a> {
    fn new(module: &'a [u8]) -> Result<Headers<'a>> {
        if module.starts_with(COMPONENT) {
            return Err(Refusal::new(Reason::Component, 0));
        }
        let mut rest = Cursor::new(module, 0)?;
        if !module.starts_with(PREAMBLE) {
            return rest.fault(Reason::NoModule);
        }
        rest.skip(8)?;
        Ok(Headers { rest, last: 0 })
    }

    fn next(&mut self) -> Result<Option<Header<'a>>> {
        if self.rest.at_end() {
            return Ok(None);
        }
        let start = self.rest;
        let number = self.rest.u8()?;
        let size = self.rest.u32()?;
        let mut section = self.rest.sub(size)?;
        if number == 0 {
            let ours = section.name()? == SECTION_NAME.as_bytes();
            return Ok(Some(if ours { Header::Certificate(start.offset(), section) } else { Header::Custom }));
        }
        if place(number) <= self.last {
            return start.fault(Reason::Section);
        }
        self.last = place(number);
        Ok(Some(Header::Known(number, section)))
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Sections<'a>([Option<Cursor<'a>>; 14]);

impl<'a> Sections<'a> {
    pub(crate) fn find(module: &'a [u8]) -> Result<Sections<'a>> {
        let mut found = [None; 14];
        let mut headers = Headers::new(module)?;
        while let Some(header) = headers.next()? {
            if let Header::Known(number, section) = header {
                match found.get_mut(usize::from(number)) {
                    Some(slot) => *slot = Some(section),
                    None => return section.fault(Reason::Section),
                }
            }
        }
        Ok(Sections(found))
    }

    pub(crate) fn get(&self, number: u8) -> Option<Cursor<'a>> {
        self.0.get(usize::from(number)).copied().flatten()
    }
}

/// The SHA-256 of the module's bytes without the sections that hold certificates.
pub(crate) fn digest(module: &[u8]) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut headers = Headers::new(module)?;
    let mut start = 0usize;
    while let Some(header) = headers.next()? {
        if let Header::Certificate(begin, _) = header {
            hash.update(module.get(start..begin as usize).unwrap_or(&[]));
            start = headers.rest.offset() as usize;
        }
    }
    hash.update(module.get(start..).unwrap_or(&[]));
    Ok(hash.finish())
}

/// The certificate that the module carries for an obligation.
pub(crate) fn carried(module: &[u8], obligation: Obligation) -> Result<&[u8]> {
    let mut headers = Headers::new(module)?;
    let mut found = None;
    while let Some(header) = headers.next()? {
        if let Header::Certificate(begin, mut content) = header {
            let bytes = content.take(headers.rest.offset().saturating_sub(content.offset()))?;
            if obligation_of(bytes) == Some(obligation) && found.replace(bytes).is_some() {
                return Err(Refusal::new(Reason::TwoCertificates, begin));
            }
        }
    }
    found.ok_or(Refusal::new(Reason::NoCertificate, 0))
}

/// The length of a section's vector, and what follows it; of a section that is not there, nothing.
pub(crate) fn vector(section: Option<Cursor>) -> Result<(u32, Cursor)> {
    match section {
        Some(mut cursor) => Ok((cursor.count()?, cursor)),
        None => Ok((0, Cursor::new(&[], 0)?)),
    }
}
