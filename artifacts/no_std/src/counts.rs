//! How much there is of each kind, and how much scratch memory that takes.

use crate::memory::words_for;
use crate::parts::{import, Item};
use crate::refusal::{Reason, Refusal, Result};
use crate::sections::{self, vector, Sections};
use crate::types::{count_types, MAX_TYPES, WORDS_OF_TYPE};

const MAX_TABLES: u32 = 1000;

/// Sizes of the index spaces, imports included, and of what is imported.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) types: u32,
    pub(crate) functions: u32,
    pub(crate) tables: u32,
    pub(crate) memories: u32,
    pub(crate) globals: u32,
    pub(crate) imported_functions: u32,
    pub(crate) imported_tables: u32,
    pub(crate) imported_memories: u32,
    pub(crate) imported_globals: u32,
    pub(crate) tags: u32,
    pub(crate) segments: u32,
    pub(crate) exports: u32,
}

impl Counts {
    pub(crate) fn of(sections: &Sections) -> Result<Counts> {
        let mut counts = Counts { types: count_types(sections.get(sections::TYPE))?, ..Counts::default() };
        let (imports, mut c) = vector(sections.get(sections::IMPORT))?;
        for _ in 0..imports {
            let counted = match import(&mut c)?.item {
                Item::Function(_) => &mut counts.imported_functions,
                Item::Table(_) => &mut counts.imported_tables,
                Item::Memory { .. } => &mut counts.imported_memories,
                Item::Global(_) => &mut counts.imported_globals,
                Item::Tag(_) => &mut counts.tags,
            };
            *counted = counted.saturating_add(1);
        }
        c.finish()?;
        let number = |section| vector(sections.get(section)).map(|(count, _)| count);
        counts.functions = counts.imported_functions.saturating_add(number(sections::FUNCTION)?);
        counts.tables = counts.imported_tables.saturating_add(number(sections::TABLE)?);
        counts.memories = counts.imported_memories.saturating_add(number(sections::MEMORY)?);
        counts.globals = counts.imported_globals.saturating_add(number(sections::GLOBAL)?);
        counts.tags = counts.tags.saturating_add(number(sections::TAG)?);
        counts.segments = number(sections::ELEMENT)?;
        counts.exports = number(sections::EXPORT)?;
        // imports are compared with all earlier ones, as types are
        if counts.tables > MAX_TABLES || counts.imported_functions > MAX_TYPES {
            return Err(Refusal::new(Reason::TooLarge, 0));
        }
        Ok(counts)
    }

    /// Slots of the table that finds exports of one name: a power of two, at most half of them taken.
    pub(crate) fn export_slots(&self) -> Option<usize> {
        match self.exports {
            0 => Some(0),
            exports => (exports as usize).checked_mul(2)?.checked_next_power_of_two(),
        }
    }

    /// Nodes of calls: the tables, the references, the exported functions, and one element segment.
    pub(crate) fn nodes(&self) -> u32 {
        self.tables.saturating_add(3)
    }

    pub(crate) fn words(&self) -> Result<usize> {
        self.sum().ok_or(Refusal::new(Reason::TooLarge, 0))
    }

    fn sum(&self) -> Option<usize> {
        let rows = |rows: u32, columns: u32| (rows as usize).checked_mul(words_for(columns));
        let pieces = [
            (self.types as usize).checked_mul(WORDS_OF_TYPE)?,
            self.functions as usize,
            (self.imported_functions as usize).checked_mul(3)?,
            words_for(self.imported_functions),
            words_for(self.functions),
            words_for(self.globals),
            self.tables as usize,
            words_for(self.memories).checked_mul(2)?,
            words_for(self.segments),
            rows(self.nodes(), self.types)?.checked_mul(2)?,
            rows(self.segments, self.tables)?,
            rows(self.tables, self.tables)?,
            words_for(self.nodes()),
            self.export_slots()?,
        ];
        pieces.iter().try_fold(0usize, |sum, piece| sum.checked_add(*piece))
    }
}
