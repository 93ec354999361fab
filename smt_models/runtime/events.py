"""What happens on a path, in order: rows of the host, choices of others, and what the guest does that traces show."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.runtime.outcomes import Where
from smt_models.system.terms import Term


@dataclass(frozen=True, slots=True)
class Told:
    """A built-in was called, or an event delivered: the row that the host took, and what the guest heard.

    `call`, `rule` and `citation` in the specification's words; `heard` is a member of HEARD. `code` is the number
    heard, None if there is none. `arguments`: what the guest gave that the host's answer is about.
    """

    call: str
    rule: str
    citation: str
    heard: str
    code: Term | None
    arguments: tuple[tuple[str, Term], ...]
    where: Where


@dataclass(frozen=True, slots=True)
class Chosen:
    """Somebody else chose: the allocator, user code, the client. `value` is an input of the path."""

    what: str
    value: Term
    where: Where


@dataclass(frozen=True, slots=True)
class Noted:
    """The guest did something worth showing: `kind` is `call`, `free`, `wait`, or an obligation."""

    kind: str
    text: str
    where: Where


Event = Told | Chosen | Noted
