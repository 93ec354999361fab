//! One pass over the function bodies.

use super::Closure;
use crate::cursor::Cursor;
use crate::instructions::{instruction, locals, pass_over, Event};
use crate::refusal::{refuse, Reason, Result};
use crate::sections::{self, vector};
use crate::subject::{refer, CALLED, READ, TAKES_ALL};

const MAX_COPIES: u32 = 1000;

impl Closure<'_, '_> {
    /// Goes over all bodies, once.
    pub(super) fn code(&mut self) -> Result<()> {
        let counts = self.subject.counts;
        let (count, mut c) = vector(self.subject.sections.get(sections::CODE))?;
        if counts.functions.checked_sub(counts.imported_functions) != Some(count) {
            return c.fault(Reason::Body);
        }
        for function in counts.imported_functions..counts.functions {
            let size = c.u32()?;
            let mut body = c.sub(size)?;
            self.body(&mut body, self.certificate.holds(function))?;
        }
        c.finish()
    }

    fn body(&mut self, whole: &mut Cursor, member: bool) -> Result<()> {
        locals(whole)?;
        // the `end` of the body is kept apart: every instruction must stop before it
        let mut c = whole.without_last(0x0b)?;
        loop {
            c = pass_over(c);
            if c.at_end() {
                return Ok(());
            }
            let start = c.offset();
            match instruction(&mut c)? {
                Event::Nothing => {}
                Event::Call(function) if member => self.reach(function, start)?,
                Event::Grow if member => return refuse(Reason::Grow, start),
                event => self.event(event, member, start)?,
            }
        }
    }

    #[inline(never)]
    fn event(&mut self, event: Event, member: bool, at: u32) -> Result<()> {
        match event {
            Event::Nothing | Event::Grow => Ok(()),
            Event::Call(function) => self.exists(function, self.subject.counts.functions, at),
            Event::CallIndirect { kind, table } => {
                self.exists(table, self.references(), at)?;
                let number = self.subject.types.function(kind, at)?;
                if self.subject.types.holds_references(number) {
                    self.subject.mark(table, CALLED, at)?;
                }
                if member {
                    self.calls.add(table, number)?;
                }
                Ok(())
            }
            Event::CallReference(kind) => {
                let number = self.subject.types.function(kind, at)?;
                if member {
                    self.calls.add(self.references(), number)?;
                }
                Ok(())
            }
            Event::Function(function) => {
                refer(&mut self.subject.references, function, self.subject.counts.functions, at)
            }
            Event::TableRead(table) => self.subject.mark(table, READ, at),
            Event::TableWrite(table) => self.subject.mark(table, TAKES_ALL, at),
            Event::TableExchange(table) => self.subject.mark(table, READ | TAKES_ALL, at),
            Event::TableInit { segment, table } => {
                self.exists(segment, self.subject.counts.segments, at)?;
                self.exists(table, self.references(), at)?;
                if self.subject.not_plain.has(segment) {
                    self.subject.mark(table, TAKES_ALL, at)?;
                }
                self.inits.add(segment, table)
            }
            Event::TableCopy { into, from } => self.copy(into, from, at),
            Event::ConvertExtern => {
                self.subject.crosses = true;
                Ok(())
            }
        }
    }

    pub(super) fn exists(&self, index: u32, size: u32, at: u32) -> Result<()> {
        if index < size {
            Ok(())
        } else {
            refuse(Reason::Index, at)
        }
    }

    fn copy(&mut self, into: u32, from: u32, at: u32) -> Result<()> {
        self.exists(into, self.references(), at)?;
        self.exists(from, self.references(), at)?;
        if !self.copies.has(into, from) {
            self.copies.add(into, from)?;
            self.copy_count = self.copy_count.saturating_add(1);
            if self.copy_count > MAX_COPIES {
                return refuse(Reason::TooLarge, at);
            }
        }
        Ok(())
    }
}
