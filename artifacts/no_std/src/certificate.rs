//! The compact certificate: its page is `docs/loader.md`.

use crate::refusal::{Reason, Refusal, Result};

/// What a certificate is about. The number is the one in its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obligation {
    /// No path from any canonical-ABI realloc reaches `memory.grow`.
    ReallocNoGrow = 1,
    /// No path from any export, start function or host-callable table entry reaches `memory.grow`.
    ModuleNoGrow = 2,
}

const MAGIC: &[u8] = b"PMcs";
const VERSION: u8 = 1;
const RULES: u8 = 2;
const HOST_TABLES: u8 = 1;

/// A certificate as its bytes lie there: nothing is copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certificate<'a> {
    pub(crate) obligation: Obligation,
    pub(crate) host_tables: bool,
    pub(crate) sha256: &'a [u8],
    pub(crate) functions: u32,
    pub(crate) memories: u32,
    function_bits: &'a [u8],
    memory_bits: &'a [u8],
}

fn form() -> Refusal {
    Refusal::new(Reason::CertificateForm, 0)
}

/// The obligation that bytes claim to be a certificate for, however the rest of them is.
pub(crate) fn obligation_of(bytes: &[u8]) -> Option<Obligation> {
    match bytes.get(6) {
        Some(1) => Some(Obligation::ReallocNoGrow),
        Some(2) => Some(Obligation::ModuleNoGrow),
        _ => None,
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let taken = self.0.get(..count).ok_or_else(form)?;
        self.0 = self.0.get(count..).ok_or_else(form)?;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32> {
        match *self.take(4)? {
            [a, b, c, d] => Ok(u32::from_le_bytes([a, b, c, d])),
            _ => Err(form()),
        }
    }

    /// Bits, the lowest of the first byte first; those behind the last one are zero.
    fn bits(&mut self, count: u32) -> Result<&'a [u8]> {
        let whole = (count >> 3) as usize;
        let over = count & 7;
        let bits = self.take(if over == 0 { whole } else { whole.checked_add(1).ok_or_else(form)? })?;
        match bits.last() {
            Some(last) if over != 0 && u32::from(*last).wrapping_shr(over) != 0 => Err(form()),
            _ => Ok(bits),
        }
    }
}

impl<'a> Certificate<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Certificate<'a>> {
        let mut rest = Bytes(bytes);
        if rest.take(4)? != MAGIC {
            return Err(form());
        }
        let flags = match (rest.take(4)?, obligation_of(bytes)) {
            ([VERSION, RULES, _, flags], Some(_)) => *flags,
            _ => return Err(Refusal::new(Reason::CertificateVersion, 0)),
        };
        if flags & !HOST_TABLES != 0 {
            return Err(form());
        }
        let sha256 = rest.take(32)?;
        let functions = rest.u32()?;
        let memories = rest.u32()?;
        let function_bits = rest.bits(functions)?;
        let memory_bits = rest.bits(memories)?;
        if !rest.0.is_empty() {
            return Err(form());
        }
        let obligation = obligation_of(bytes).ok_or_else(form)?;
        let host_tables = flags & HOST_TABLES != 0;
        Ok(Certificate { obligation, host_tables, sha256, functions, memories, function_bits, memory_bits })
    }

    /// Of a function with a body: it is a member. Of an imported one: it is assumed not to lead to growth.
    pub(crate) fn holds(&self, function: u32) -> bool {
        has(self.function_bits, function)
    }

    /// The host is assumed not to grow this memory.
    pub(crate) fn assumes_memory(&self, memory: u32) -> bool {
        has(self.memory_bits, memory)
    }
}

fn has(bits: &[u8], number: u32) -> bool {
    bits.get((number >> 3) as usize).map_or(false, |byte| u32::from(*byte).wrapping_shr(number & 7) & 1 != 0)
}
