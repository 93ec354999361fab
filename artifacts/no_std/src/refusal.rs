//! Why a certificate is not accepted.

/// What is wrong. The offset beside it says where; the text says it for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The certificate has another form than its page says, or bytes left over.
    CertificateForm,
    /// The certificate is of a version, rule pack or obligation that this checker does not know.
    CertificateVersion,
    /// The certificate is about another module.
    OtherModule,
    /// The module carries no certificate for the obligation.
    NoCertificate,
    /// The module carries two certificates for the obligation.
    TwoCertificates,
    /// The file is a component; this checker takes core modules only.
    Component,
    /// The file is no core module of version 1.
    NoModule,
    /// The file or an index space is larger than this checker takes.
    TooLarge,
    /// The scratch memory is too small; the offset is the number of words that it must have.
    Scratch,
    /// A section is unknown, out of order or there twice.
    Section,
    /// A part of the module ends too early.
    UnexpectedEnd,
    /// Bytes are left over at the end of a part.
    LeftOver,
    /// An integer is too long or too large.
    Integer,
    /// A name is not UTF-8.
    Name,
    /// A type that this checker does not know, or that is used before its definition.
    Type,
    /// Two types or imports that this checker cannot tell apart, or tells apart where it should not.
    Ambiguous,
    /// Flags, limits or a kind that this checker does not know.
    Flags,
    /// An instruction that this checker does not know.
    Instruction,
    /// A function body that does not end in `end`, or functions without bodies.
    Body,
    /// An index that names nothing.
    Index,
    /// Two exports of one name.
    ExportTwice,
    /// The obligation has no root in this module: nothing would be proved.
    Vacuous,
    /// A member of the closed set holds `memory.grow`.
    Grow,
    /// A root, or what a member can call, is not in the closed set.
    NotClosed,
    /// The proof rests on an assumption that the certificate does not list.
    AssumptionMissing,
    /// The certificate lists an assumption that nothing asks for.
    AssumptionSuperfluous,
    /// The checker contradicts itself: never accepted, and a fault to report.
    Internal,
}

impl Reason {
    /// One sentence.
    pub const fn text(self) -> &'static str {
        match self {
            Reason::CertificateForm => "the certificate is not of the form that its version has",
            Reason::CertificateVersion => "the certificate is of an unknown version, rule pack or obligation",
            Reason::OtherModule => "the certificate is about another module",
            Reason::NoCertificate => "the module carries no certificate for the obligation",
            Reason::TwoCertificates => "the module carries two certificates for the obligation",
            Reason::Component => "components are not checked here, only core modules",
            Reason::NoModule => "no core module of version 1",
            Reason::TooLarge => "larger than this checker takes",
            Reason::Scratch => "the scratch memory is too small",
            Reason::Section => "a section that is unknown, out of order or there twice",
            Reason::UnexpectedEnd => "unexpected end",
            Reason::LeftOver => "bytes left over",
            Reason::Integer => "an integer too long or too large",
            Reason::Name => "a name that is not UTF-8",
            Reason::Type => "an unknown type",
            Reason::Ambiguous => "types or imports that cannot be told apart",
            Reason::Flags => "unknown flags, limits or kind",
            Reason::Instruction => "an unknown instruction",
            Reason::Body => "a function body without end, or functions without bodies",
            Reason::Index => "an index that names nothing",
            Reason::ExportTwice => "two exports of one name",
            Reason::Vacuous => "no root: nothing would be proved",
            Reason::Grow => "memory.grow in the closed set",
            Reason::NotClosed => "the closed set misses a root or what a member can call",
            Reason::AssumptionMissing => "an assumption that the proof rests on is not listed",
            Reason::AssumptionSuperfluous => "an assumption is listed that nothing asks for",
            Reason::Internal => "the checker contradicts itself",
        }
    }
}

/// A certificate is refused, or a module cannot be read: why, and at which byte of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub reason: Reason,
    /// Where in the module; the words needed for `Reason::Scratch`; 0 where there is no place.
    pub offset: u32,
}

impl Refusal {
    pub(crate) const fn new(reason: Reason, offset: u32) -> Refusal {
        Refusal { reason, offset }
    }
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} ({:#x})", self.reason.text(), self.offset)
    }
}

pub(crate) type Result<T> = core::result::Result<T, Refusal>;

pub(crate) const fn refuse<T>(reason: Reason, offset: u32) -> Result<T> {
    Err(Refusal::new(reason, offset))
}
