//! That the closed set holds every root, is closed under calls, and is free of `memory.grow`.

mod code;

use crate::certificate::{Certificate, Obligation};
use crate::memory::{word, Relation, Scratch, Set};
use crate::parts::{export, segment, table, FUNCTION};
use crate::refusal::{refuse, Reason, Result};
use crate::sections::{self, vector};
use crate::subject::{Subject, CALLED, HOLDS_FUNCTIONS, HOLDS_OBJECTS, OPEN, READ, TAKES_ALL};

/// Calls of members and where they may lead, by node: a table, the references, the exported functions; a segment's
/// functions are held against the calls through all tables that they get into.
pub(crate) struct Closure<'a, 's> {
    certificate: Certificate<'a>,
    subject: Subject<'a, 's>,
    /// The functions of the host that are reached.
    reached: Set<'s>,
    calls: Relation<'s>,
    /// The supertypes of the types in `calls`, themselves included.
    above: Relation<'s>,
    /// Nodes all functions of which are roots.
    entered: Set<'s>,
    inits: Relation<'s>,
    copies: Relation<'s>,
    copy_count: u32,
    references_open: bool,
    host_tables: bool,
    rooted: bool,
}

impl<'a, 's> Closure<'a, 's> {
    pub(crate) fn new(
        certificate: Certificate<'a>,
        subject: Subject<'a, 's>,
        scratch: &mut Scratch<'s>,
    ) -> Result<Closure<'a, 's>> {
        let counts = subject.counts;
        Ok(Closure {
            certificate,
            subject,
            reached: scratch.set(counts.imported_functions)?,
            calls: scratch.relation(counts.nodes(), counts.types)?,
            above: scratch.relation(counts.nodes(), counts.types)?,
            entered: scratch.set(counts.nodes())?,
            inits: scratch.relation(counts.segments, counts.tables)?,
            copies: scratch.relation(counts.tables, counts.tables)?,
            copy_count: 0,
            references_open: false,
            host_tables: false,
            rooted: false,
        })
    }

    pub(crate) fn check(mut self) -> Result<()> {
        self.code()?;
        self.open()?;
        self.enter()?;
        self.spread()?;
        self.exported()?;
        self.referred()?;
        self.in_tables()?;
        if !self.rooted {
            return refuse(Reason::Vacuous, 0);
        }
        self.assumptions()
    }

    fn references(&self) -> u32 {
        self.subject.counts.tables
    }

    fn exports(&self) -> u32 {
        self.references().wrapping_add(1)
    }

    fn of_segment(&self) -> u32 {
        self.references().wrapping_add(2)
    }

    /// A function is a root, or a member may call it.
    fn reach(&mut self, function: u32, at: u32) -> Result<()> {
        if function < self.subject.counts.imported_functions {
            return self.reached.add(word(self.subject.alias, function)?);
        }
        self.exists(function, self.subject.counts.functions, at)?;
        if self.certificate.holds(function) {
            Ok(())
        } else {
            refuse(Reason::NotClosed, at)
        }
    }

    fn root(&mut self, function: u32, at: u32) -> Result<()> {
        self.rooted |= function >= self.subject.counts.imported_functions;
        self.reach(function, at)
    }

    /// Rules R4 to R6, to their fixed point.
    fn open(&mut self) -> Result<()> {
        let counts = self.subject.counts;
        let mut passes = false;
        for function in counts.imported_functions..counts.functions {
            let kind = word(self.subject.kinds, function)?;
            passes |= self.subject.references.has(function) && self.subject.types.holds_references(kind);
        }
        self.references_open = self.subject.crosses;
        let mut changed = true;
        while changed {
            changed = false;
            for table in 0..counts.tables {
                let before = (word(self.subject.tables, table)?, self.references_open);
                for from in 0..counts.tables {
                    if self.copies.has(table, from) {
                        let inherited = word(self.subject.tables, from)? & (OPEN | TAKES_ALL);
                        self.subject.mark(table, inherited, 0)?;
                    }
                }
                self.references_open |= self.subject.is(table, OPEN) && self.leaks(table, passes);
                if self.references_open && self.subject.is(table, TAKES_ALL) {
                    self.subject.mark(table, OPEN, 0)?;
                }
                changed |= before != (word(self.subject.tables, table)?, self.references_open);
            }
        }
        Ok(())
    }

    /// Whether the references are open if this table is (R5, R6).
    fn leaks(&self, table: u32, passes: bool) -> bool {
        self.subject.is(table, CALLED)
            || (self.subject.is(table, READ) && self.subject.is(table, HOLDS_FUNCTIONS | HOLDS_OBJECTS))
            || (passes && self.subject.is(table, HOLDS_FUNCTIONS))
    }

    /// Rule R7, and the part of T2 about tables and references.
    fn enter(&mut self) -> Result<()> {
        let of_module = self.certificate.obligation == Obligation::ModuleNoGrow;
        for table in 0..self.references() {
            if self.subject.is(table, OPEN) {
                self.host_tables |= self.calls.row(table).iter().any(|word| *word != 0);
                if of_module && self.subject.is(table, HOLDS_FUNCTIONS) {
                    self.entered.add(table)?;
                }
            }
        }
        if self.references_open {
            self.host_tables |= self.calls.row(self.references()).iter().any(|word| *word != 0);
            if of_module {
                self.entered.add(self.references())?;
            }
        }
        Ok(())
    }

    /// What is called through a table is called in all that gets into it (R2, R4), to a fixed point.
    fn spread(&mut self) -> Result<()> {
        let (tables, references, exports) = (self.references(), self.references(), self.exports());
        let mut changed = true;
        while changed {
            changed = false;
            for table in 0..tables {
                for from in 0..tables {
                    if self.copies.has(table, from) {
                        changed |= self.join(from, table)?;
                    }
                }
                if self.subject.is(table, OPEN | TAKES_ALL) {
                    changed |= self.join(references, table)?;
                }
                if self.subject.is(table, OPEN) {
                    changed |= self.join(exports, table)?;
                }
            }
            if self.references_open {
                changed |= self.join(exports, references)?;
            }
        }
        for node in 0..=exports {
            for number in 0..self.subject.types.count() {
                let mut current = if self.calls.has(node, number) { Some(number) } else { None };
                while let Some(number) = current {
                    self.above.add(node, number)?;
                    current = self.subject.types.parent(number);
                }
            }
        }
        Ok(())
    }

    fn join(&mut self, into: u32, from: u32) -> Result<bool> {
        let mut changed = self.calls.join(into, from)?;
        if self.entered.has(from) && !self.entered.has(into) {
            self.entered.add(into)?;
            changed = true;
        }
        Ok(changed)
    }

    /// A function may be what a node holds: it is a root if all there are, and reached if a call through it fits.
    fn held(&mut self, function: u32, node: u32, at: u32) -> Result<()> {
        if self.entered.has(node) {
            return self.root(function, at);
        }
        if self.subject.matches(function, &self.calls, &self.above, node)? {
            return self.reach(function, at);
        }
        Ok(())
    }

    /// Rules T1 and T2 of exports and the start function.
    fn exported(&mut self) -> Result<()> {
        let of_module = self.certificate.obligation == Obligation::ModuleNoGrow;
        let (count, mut c) = vector(self.subject.sections.get(sections::EXPORT))?;
        for _ in 0..count {
            let start = c.offset();
            let read = export(&mut c)?;
            if read.kind == FUNCTION {
                if of_module || read.is_realloc() {
                    self.root(read.index, start)?;
                }
                self.held(read.index, self.exports(), start)?;
            }
        }
        if let (true, Some(mut c)) = (of_module, self.subject.sections.get(sections::START)) {
            let function = c.u32()?;
            self.root(function, c.offset())?;
        }
        Ok(())
    }

    fn referred(&mut self) -> Result<()> {
        for function in 0..self.subject.counts.functions {
            if self.subject.references.has(function) {
                self.held(function, self.references(), 0)?;
            }
        }
        Ok(())
    }

    /// The contents of tables (R2): their initialisers and element segments.
    fn in_tables(&mut self) -> Result<()> {
        let counts = self.subject.counts;
        let (_, mut c) = vector(self.subject.sections.get(sections::TABLE))?;
        for number in counts.imported_tables..counts.tables {
            let start = c.offset();
            table(&mut c, |function| self.held(function, number, start))?;
        }
        let (count, mut c) = vector(self.subject.sections.get(sections::ELEMENT))?;
        for number in 0..count {
            let start = c.offset();
            let read = segment(&mut c)?;
            self.tables_of(number, read.table)?;
            for _ in 0..read.items {
                read.item(&mut c, |function| self.held(function, self.of_segment(), start))?;
            }
        }
        Ok(())
    }

    /// Puts together what is called through the tables that a segment's functions get into.
    fn tables_of(&mut self, number: u32, active: Option<u32>) -> Result<()> {
        let node = self.of_segment();
        self.calls.clear(node)?;
        self.above.clear(node)?;
        self.entered.remove(node)?;
        for table in 0..self.references() {
            if active == Some(table) || self.inits.has(number, table) {
                self.join(node, table)?;
                self.above.join(node, table)?;
            }
        }
        Ok(())
    }

    /// Exactly what the proof rests on is listed.
    fn assumptions(&self) -> Result<()> {
        listed(self.host_tables, self.certificate.host_tables, 0)?;
        for function in 0..self.subject.counts.imported_functions {
            listed(self.reached.has(function), self.certificate.holds(function), function)?;
        }
        for memory in 0..self.subject.counts.memories {
            listed(self.subject.host_can_grow(memory), self.certificate.assumes_memory(memory), memory)?;
        }
        Ok(())
    }
}

fn listed(asked: bool, listed: bool, index: u32) -> Result<()> {
    match (asked, listed) {
        (true, false) => refuse(Reason::AssumptionMissing, index),
        (false, true) => refuse(Reason::AssumptionSuperfluous, index),
        _ => Ok(()),
    }
}
