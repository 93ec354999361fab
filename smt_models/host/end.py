"""The words of the lease automaton: the state of one end of a stream or future, and of what it shares with the other.

| variable | [CABI] |
|---|---|
| `held` | the end is in the instance's table |
| `st` | `CopyEnd.state` |
| `pend` | `Waitable.pending_event`: the result it will carry; the count is computed at delivery |
| `lease` | a buffer was handed over and no event has given it back: from the park to the delivery |
| `length`, `progress` | of that buffer |
| `wset`, `syncw` | `in_waitable_set()`, `has_sync_waiter` |
| `dropped` | `shared.dropped` (peer of wasm only) |
| `pending` | `shared.pending_buffer`: nobody's, ours, theirs; host-defined peer: whether the host still holds ours |
| `room`, `zero` | `remain()` and `is_zero_length()` of the other end's parked buffer (stream, peer of wasm only) |
| `stray` | the host touched guest memory while no lease was open: never, under H3 |
"""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.host.arms import HEARD_VARIABLE, Trap, Updates, initially
from smt_models.host.codes import COPY_STATE, HEARD, PENDING, QUEUED, Codes
from smt_models.host.variants import Element, Kind, Peer, Variant
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Literal, Term, Variable, apply, choose, literal, negation

HELD = Variable("held", BOOLEAN)
ST = Variable("st", COPY_STATE)
PEND = Variable("pend", QUEUED)
LEASE = Variable("lease", BOOLEAN)
WSET = Variable("wset", BOOLEAN)
SYNCW = Variable("syncw", BOOLEAN)
DROPPED = Variable("dropped", BOOLEAN)
PENDING_END = Variable("pending", PENDING)
ZERO = Variable("zero", BOOLEAN)
STRAY = Variable("stray", BOOLEAN)

ASYNC = Variable("async", BOOLEAN)
"""Input: whether the built-in was defined with the `async` option."""

COPYING = ST.in_("COPYING", "CANCELLING_COPY")
"""[CABI] CopyEnd.copying()."""
QUIET = PEND.is_("NONE")
"""No event is queued."""
OURS = PENDING_END.is_("OURS")
THEIRS = PENDING_END.is_("THEIRS")
NOBODY = PENDING_END.is_("NONE")
NOT_HELD: Trap = ("no end of that kind at the index", negation(HELD))


@dataclass(frozen=True, slots=True)
class Words:
    """The variables whose sort depends on the width, and what the rules compute from them."""

    variant: Variant

    @property
    def codes(self) -> Codes:
        return Codes(self.variant.bits)

    @property
    def aliases(self) -> bool:
        """Whether copies between the ends trap, "temporary": one instance has both, and the type is no number."""
        return self.variant.peer is Peer.SAME and self.variant.element is Element.OTHER

    @property
    def length(self) -> Variable:
        return Variable("length", self.codes.sort)

    @property
    def progress(self) -> Variable:
        return Variable("progress", self.codes.sort)

    @property
    def room(self) -> Variable:
        return Variable("room", self.codes.sort)

    @property
    def code(self) -> Variable:
        return Variable("code", self.codes.sort)

    @property
    def k(self) -> Variable:
        """Input: how many elements a host-defined peer copies now."""
        return Variable("k", self.codes.sort)

    @property
    def zero_count(self) -> Literal:
        return self.codes.number(0)

    @property
    def remain(self) -> Term:
        """[CABI] Buffer.remain() of our own parked buffer."""
        return apply("bvsub", self.length, self.progress)

    def variables(self) -> tuple[Variable, ...]:
        numbers = (self.length, self.progress)
        peer = (DROPPED, PENDING_END, self.room, ZERO)
        return (HELD, ST, PEND, LEASE, *numbers, WSET, SYNCW, *peer, STRAY, HEARD_VARIABLE, self.code)

    def initial(self) -> Term:
        """As after `stream.new` or `future.new`, or when a readable end was lowered."""
        return initially(
            dict.fromkeys((LEASE, WSET, SYNCW, DROPPED, ZERO, STRAY), FALSE)
            | dict.fromkeys((self.length, self.progress, self.room, self.code), self.zero_count)
            | {HELD: TRUE, ST: ST.value("IDLE"), PEND: PEND.value("NONE"), PENDING_END: PENDING_END.value("NONE")}
            | {HEARD_VARIABLE: literal("NOTHING", HEARD)}
        )

    def payload(self, result: Variable | Literal, progress: Term) -> Term:
        """Streams pack `result | progress << 4`, futures give the bare result: [CABI] stream_event, future_event."""
        number = self.codes.result(result)
        return self.codes.pack(number, progress) if self.variant.kind is Kind.STREAM else number

    def settled(self, result: Variable | Literal) -> Term:
        """The end state that a delivered result leads to: [CABI] stream_event, future_event."""
        dropped, completed = (apply("=", result, literal(name, result.sort)) for name in ("DROPPED", "COMPLETED"))
        final: Term
        match result, self.variant.kind:
            case Literal(name), Kind.STREAM:
                final = TRUE if name == "DROPPED" else FALSE
            case Literal(name), Kind.FUTURE:
                final = TRUE if name in ("DROPPED", "COMPLETED") else FALSE
            case _, Kind.STREAM:
                final = dropped
            case _, Kind.FUTURE:
                final = apply("or", dropped, completed)
        return choose(final, ST.value("DONE"), ST.value("IDLE"))

    def delivered(self, result: Variable | Literal) -> Updates:
        """What a delivery changes: the lease closes. A parked buffer is taken back: [CABI] stream_event reclaims it."""
        return {
            ST: self.settled(result),
            PEND: PEND.value("NONE"),
            LEASE: FALSE,
            self.length: self.zero_count,
            self.progress: self.zero_count,
            SYNCW: FALSE,
            PENDING_END: choose(OURS, PENDING_END.value("NONE"), PENDING_END),
        }
