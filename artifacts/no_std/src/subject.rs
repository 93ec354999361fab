//! Everything that the rules ask of a module before its code is gone over: one walk over the small sections.

mod boundary;

use crate::counts::Counts;
use crate::memory::{put, word, Relation, Scratch, Set};
use crate::parts::{data, global, memory, segment, table, tag};
use crate::refusal::{refuse, Reason, Result};
use crate::sections::{self, vector, Sections};
use crate::types::Types;
use crate::values::Value;

// facts of a table
pub(crate) const HOLDS_FUNCTIONS: u32 = 1;
pub(crate) const HOLDS_OBJECTS: u32 = 2; // what can hold references in fields (R5)
pub(crate) const OPEN: u32 = 4;
pub(crate) const TAKES_ALL: u32 = 8; // all references can get into it (R2, R3)
pub(crate) const READ: u32 = 16;
pub(crate) const CALLED: u32 = 32; // with a type that has a reference in it

/// Index spaces hold the imports first.
pub(crate) struct Subject<'a, 's> {
    pub(crate) sections: Sections<'a>,
    pub(crate) counts: Counts,
    pub(crate) types: Types<'s>,
    /// The number of the type of each function.
    pub(crate) kinds: &'s mut [u32],
    /// Of each imported function, the first import of that name: one function of the host.
    pub(crate) alias: &'s mut [u32],
    name_hash: &'s mut [u32],
    name_place: &'s mut [u32],
    /// R1, as far as no exported function is one.
    pub(crate) references: Set<'s>,
    reference_globals: Set<'s>,
    pub(crate) tables: &'s mut [u32],
    roomy: Set<'s>,
    reachable: Set<'s>,
    /// Element segments that R3 speaks of.
    pub(crate) not_plain: Set<'s>,
    exported: &'s mut [u32],
    /// R5, as far as it is known.
    pub(crate) crosses: bool,
}

impl<'a, 's> Subject<'a, 's> {
    pub(crate) fn read(sections: Sections<'a>, counts: Counts, scratch: &mut Scratch<'s>) -> Result<Subject<'a, 's>> {
        let imported = counts.imported_functions as usize;
        let mut subject = Subject {
            sections,
            counts,
            types: Types::read(sections.get(sections::TYPE), counts.types, scratch)?,
            kinds: scratch.words(counts.functions as usize)?,
            alias: scratch.words(imported)?,
            name_hash: scratch.words(imported)?,
            name_place: scratch.words(imported)?,
            references: scratch.set(counts.functions)?,
            reference_globals: scratch.set(counts.globals)?,
            tables: scratch.words(counts.tables as usize)?,
            roomy: scratch.set(counts.memories)?,
            reachable: scratch.set(counts.memories)?,
            not_plain: scratch.set(counts.segments)?,
            exported: scratch.words(counts.export_slots().unwrap_or(0))?,
            crosses: false,
        };
        subject.imports()?;
        subject.functions()?;
        subject.tables_and_memories()?;
        subject.tags_and_globals()?;
        subject.exports()?;
        subject.segments()?;
        subject.rest()?;
        Ok(subject)
    }

    fn table_facts(&self, element: Value) -> u32 {
        if element.holds_functions(|index| self.types.is_function(index)) {
            HOLDS_FUNCTIONS
        } else if element.holds_references() {
            HOLDS_OBJECTS
        } else {
            0
        }
    }

    fn memory(&mut self, memory: u32, room: bool) -> Result<()> {
        if room {
            self.roomy.add(memory)?;
        }
        Ok(())
    }

    fn global(&mut self, global: u32, held: Value) -> Result<()> {
        if held.holds_references() {
            self.reference_globals.add(global)?;
        }
        Ok(())
    }

    fn tag(&mut self, index: u32, at: u32) -> Result<()> {
        let kind = self.types.function(index, at)?;
        self.crosses |= self.types.holds_references(kind);
        Ok(())
    }

    fn functions(&mut self) -> Result<()> {
        let (_, mut c) = vector(self.sections.get(sections::FUNCTION))?;
        for function in self.counts.imported_functions..self.counts.functions {
            let start = c.offset();
            let kind = self.types.function(c.u32()?, start)?;
            put(self.kinds, function, kind)?;
        }
        c.finish()
    }

    fn tables_and_memories(&mut self) -> Result<()> {
        let functions = self.counts.functions;
        let (_, mut c) = vector(self.sections.get(sections::TABLE))?;
        for number in self.counts.imported_tables..self.counts.tables {
            let (start, references) = (c.offset(), &mut self.references);
            let (element, initial) = table(&mut c, |function| refer(references, function, functions, start))?;
            self.crosses |= initial.converts;
            let takes_all = if initial.plain { 0 } else { TAKES_ALL };
            let facts = self.table_facts(element);
            put(self.tables, number, facts | takes_all)?;
        }
        c.finish()?;
        let (_, mut c) = vector(self.sections.get(sections::MEMORY))?;
        for number in self.counts.imported_memories..self.counts.memories {
            let room = memory(&mut c)?;
            self.memory(number, room)?;
        }
        c.finish()
    }

    fn tags_and_globals(&mut self) -> Result<()> {
        let (count, mut c) = vector(self.sections.get(sections::TAG))?;
        for _ in 0..count {
            let start = c.offset();
            let index = tag(&mut c)?;
            self.tag(index, start)?;
        }
        c.finish()?;
        let functions = self.counts.functions;
        let (_, mut c) = vector(self.sections.get(sections::GLOBAL))?;
        for number in self.counts.imported_globals..self.counts.globals {
            let (start, references) = (c.offset(), &mut self.references);
            let (held, initial) = global(&mut c, |function| refer(references, function, functions, start))?;
            self.crosses |= initial.converts;
            self.global(number, held)?;
        }
        c.finish()
    }

    fn segments(&mut self) -> Result<()> {
        let functions = self.counts.functions;
        let (count, mut c) = vector(self.sections.get(sections::ELEMENT))?;
        for number in 0..count {
            let start = c.offset();
            let read = segment(&mut c)?;
            if read.table.map_or(false, |table| table >= self.counts.tables) {
                return refuse(Reason::Index, start);
            }
            for _ in 0..read.items {
                let references = &mut self.references;
                let item = read.item(&mut c, |function| refer(references, function, functions, start))?;
                self.crosses |= item.converts;
                if !item.plain {
                    self.not_plain.add(number)?;
                    if let Some(table) = read.table {
                        self.mark(table, TAKES_ALL, start)?;
                    }
                }
            }
        }
        c.finish()
    }

    /// What the rules ask nothing of, but that it can be read.
    fn rest(&mut self) -> Result<()> {
        if let Some(mut c) = self.sections.get(sections::DATA_COUNT) {
            c.u32()?;
            c.finish()?;
        }
        if let Some(mut c) = self.sections.get(sections::START) {
            if c.u32()? >= self.counts.functions {
                return c.fault(Reason::Index);
            }
            c.finish()?;
        }
        let (count, mut c) = vector(self.sections.get(sections::DATA))?;
        for _ in 0..count {
            data(&mut c)?;
        }
        c.finish()
    }

    /// Adds a fact to those of a table.
    pub(crate) fn mark(&mut self, table: u32, fact: u32, at: u32) -> Result<()> {
        match self.tables.get_mut(table as usize) {
            Some(facts) => {
                *facts |= fact;
                Ok(())
            }
            None => refuse(Reason::Index, at),
        }
    }

    pub(crate) fn is(&self, table: u32, facts: u32) -> bool {
        word(self.tables, table).map_or(false, |held| held & facts != 0)
    }

    /// H2: whether the host can reach the memory, and it has room to grow.
    pub(crate) fn host_can_grow(&self, memory: u32) -> bool {
        self.roomy.has(memory) && self.reachable.has(memory)
    }

    /// Whether a function of this type may be called as `wanted` says: rows of the calls, and of all their supertypes.
    pub(crate) fn matches(&self, function: u32, calls: &Relation, above: &Relation, row: u32) -> Result<bool> {
        let kind = word(self.kinds, function)?;
        let mut current = Some(kind);
        while let Some(number) = current {
            if calls.has(row, number) {
                return Ok(true);
            }
            current = self.types.parent(number);
        }
        // a function of the host may be of any subtype of the type that it is imported with (E7)
        Ok(function < self.counts.imported_functions && above.has(row, kind))
    }
}

/// R1.
pub(crate) fn refer(references: &mut Set, function: u32, functions: u32, at: u32) -> Result<()> {
    if function >= functions {
        return refuse(Reason::Index, at);
    }
    references.add(function)
}
