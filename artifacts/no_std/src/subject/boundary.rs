//! Imports and exports: what the host gives and takes, and their names.

use super::{Subject, HOLDS_OBJECTS, OPEN};
use crate::cursor::Cursor;
use crate::memory::{put, word};
use crate::parts::{self, export, import, Export, Item};
use crate::refusal::{Reason, Result};
use crate::sections::{self, vector};

const MAX_PROBES: u32 = 1000;

fn hash(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl Subject<'_, '_> {
    pub(super) fn imports(&mut self) -> Result<()> {
        let (count, first) = vector(self.sections.get(sections::IMPORT))?;
        let mut c = first;
        let (mut functions, mut tables, mut memories, mut globals) = (0u32, 0u32, 0u32, 0u32);
        for _ in 0..count {
            let start = c;
            let read = import(&mut c)?;
            match read.item {
                Item::Function(index) => {
                    let kind = self.types.function(index, start.offset())?;
                    self.crosses |= self.types.holds_references(kind);
                    put(self.kinds, functions, kind)?;
                    put(self.name_hash, functions, hash(read.joined()))?;
                    put(self.name_place, functions, start.offset())?;
                    self.same_name(first, start, functions)?;
                    functions = functions.wrapping_add(1);
                }
                Item::Table(element) => {
                    let facts = self.table_facts(element);
                    self.crosses |= facts & HOLDS_OBJECTS != 0;
                    put(self.tables, tables, facts | OPEN)?;
                    tables = tables.wrapping_add(1);
                }
                Item::Memory { room } => {
                    self.reachable.add(memories)?;
                    self.memory(memories, room)?;
                    memories = memories.wrapping_add(1);
                }
                Item::Global(held) => {
                    self.crosses |= held.holds_references();
                    self.global(globals, held)?;
                    globals = globals.wrapping_add(1);
                }
                Item::Tag(index) => self.tag(index, start.offset())?,
            }
        }
        Ok(())
    }

    /// Finds an earlier import of the same `MODULE.NAME`: rule H1 speaks of names.
    fn same_name(&mut self, section: Cursor, start: Cursor, function: u32) -> Result<()> {
        let mut found = function;
        let wanted = word(self.name_hash, function)?;
        for earlier in 0..function {
            if word(self.name_hash, earlier)? == wanted {
                let mut there = section.at(word(self.name_place, earlier)?)?;
                let (one, other) = (import(&mut there)?, import(&mut { start })?);
                if one.joined().eq(other.joined()) {
                    found = earlier;
                    break;
                }
            }
        }
        if word(self.kinds, found)? != word(self.kinds, function)? {
            return start.fault(Reason::Ambiguous);
        }
        put(self.alias, function, found)
    }

    pub(super) fn exports(&mut self) -> Result<()> {
        let (count, first) = vector(self.sections.get(sections::EXPORT))?;
        let mut c = first;
        for _ in 0..count {
            let start = c;
            let read = export(&mut c)?;
            self.only_one(first, start, &read)?;
            let size = match read.kind {
                parts::FUNCTION => self.counts.functions,
                parts::TABLE => self.counts.tables,
                parts::MEMORY => self.counts.memories,
                parts::GLOBAL => self.counts.globals,
                _ => self.counts.tags,
            };
            if read.index >= size {
                return start.fault(Reason::Index);
            }
            match read.kind {
                parts::FUNCTION => {
                    let kind = word(self.kinds, read.index)?;
                    self.crosses |= self.types.holds_references(kind);
                }
                parts::TABLE => {
                    let facts = word(self.tables, read.index)?;
                    self.crosses |= facts & HOLDS_OBJECTS != 0;
                    put(self.tables, read.index, facts | OPEN)?;
                }
                parts::MEMORY => self.reachable.add(read.index)?,
                parts::GLOBAL => self.crosses |= self.reference_globals.has(read.index),
                _ => {}
            }
        }
        c.finish()
    }

    /// No two exports have one name.
    fn only_one(&mut self, section: Cursor, start: Cursor, new: &Export) -> Result<()> {
        let mask = self.exported.len().wrapping_sub(1) as u32;
        let mut slot = hash(new.name.iter().copied());
        slot = (slot ^ slot.wrapping_shr(15)) & mask;
        for _ in 0..MAX_PROBES {
            match word(self.exported, slot)? {
                0 => return put(self.exported, slot, start.offset()),
                place => {
                    let mut there = section.at(place)?;
                    if export(&mut there)?.name == new.name {
                        return start.fault(Reason::ExportTwice);
                    }
                }
            }
            slot = slot.wrapping_add(1) & mask;
        }
        start.fault(Reason::TooLarge)
    }
}
