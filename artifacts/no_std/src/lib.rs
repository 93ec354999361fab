//! Checks proofmark's closed-set certificates over the bytes of a WebAssembly core module, where there is neither an
//! allocator nor an operating system: that no path from a realloc, or from any entry, reaches `memory.grow`.
//!
//! Everything is derived from the bytes by `docs/call-graph.md`, rule pack `wasm-graph/2`; the certificate only says
//! which functions are in the closed set, and what is assumed of the host. What cannot be understood is refused.
//! Nothing here allocates, is unsafe, recurses or panics. The form of certificates is `docs/loader.md`.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod certificate;
mod closure;
mod counts;
mod cursor;
mod instructions;
mod memory;
mod parts;
mod refusal;
mod sections;
mod sha256;
mod subject;
mod types;
mod values;

pub use certificate::Obligation;
pub use refusal::{Reason, Refusal};
pub use sections::SECTION_NAME;

use certificate::Certificate;
use closure::Closure;
use counts::Counts;
use memory::Scratch;
use sections::Sections;
use subject::Subject;

/// A certificate that holds of its module, and what that rests on.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<'a> {
    certificate: Certificate<'a>,
}

impl Accepted<'_> {
    /// What was proved.
    pub fn obligation(&self) -> Obligation {
        self.certificate.obligation
    }

    /// Assumption `host-function`: imported function `index` neither grows a memory of the module nor calls back into a
    /// function of it outside the closed set. Of imports with one name, the first stands for all.
    pub fn assumes_host_function(&self, index: u32) -> bool {
        index < self.certificate.functions && self.certificate.holds(index)
    }

    /// Assumption `host-memory`: the host does not grow memory `index`, which it can reach.
    pub fn assumes_host_memory(&self, index: u32) -> bool {
        self.certificate.assumes_memory(index)
    }

    /// Assumption `host-tables`: the host puts no function of its own into a table or reference through which the closed
    /// set calls.
    pub fn assumes_host_tables(&self) -> bool {
        self.certificate.host_tables
    }
}

/// Checks a certificate over a module: its own bytes, or what [`embedded`] found in it. `scratch` needs as many words as
/// [`scratch_words`] says; what is in it does not matter. The module must be valid, as an engine makes sure of.
pub fn check<'a>(module: &[u8], certificate: &'a [u8], scratch: &mut [u32]) -> Result<Accepted<'a>, Refusal> {
    let certificate = Certificate::read(certificate)?;
    let sections = Sections::find(module)?;
    if sections::digest(module)? != certificate.sha256 {
        return Err(Refusal::new(Reason::OtherModule, 0));
    }
    let counts = Counts::of(&sections)?;
    if (counts.functions, counts.memories) != (certificate.functions, certificate.memories) {
        return Err(Refusal::new(Reason::CertificateForm, 0));
    }
    let words = counts.words()?;
    if scratch.len() < words {
        return Err(Refusal::new(Reason::Scratch, u32::try_from(words).unwrap_or(u32::MAX)));
    }
    let mut scratch = Scratch::new(scratch);
    let subject = Subject::read(sections, counts, &mut scratch)?;
    Closure::new(certificate, subject, &mut scratch)?.check()?;
    Ok(Accepted { certificate })
}

/// The certificate that a module carries for an obligation, in a custom section named [`SECTION_NAME`].
pub fn embedded(module: &[u8], obligation: Obligation) -> Result<&[u8], Refusal> {
    sections::carried(module, obligation)
}

/// How many words of scratch memory [`check`] needs for a module.
pub fn scratch_words(module: &[u8]) -> Result<usize, Refusal> {
    Counts::of(&Sections::find(module)?)?.words()
}
