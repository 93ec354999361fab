"""Which of many models makes the best trace: numbers as a real run would have them. Preferences, never conditions.

A model is free where the words forget: a length that the next action chooses anew, the layout of an element at each
call, a count above what was asked for. A trace that keeps to these is one that a run can repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from smt_models.host.codes import Codes
from smt_models.runtime.events import Chosen, Event, Told
from smt_models.system.operators import BitVec
from smt_models.system.terms import Term, Variable, apply, differ, either, equal, literal, variables_of

_LARGE = 16
"""More bytes few elements have."""
Given = Sequence[tuple[tuple[Event, ...], Callable[[Term], Term]]]
"""The events of each step, with what brings their terms into the words of the whole route."""


def kept(own: Mapping[str, Term], last: Mapping[str, Term]) -> Iterator[Term]:
    """A number that an action finds is the one that an earlier action left."""
    for name, term in last.items():
        if name in own and own[name] != term:
            yield equal(own[name], term)


def ordinary(given: Given) -> Iterator[Term]:
    yield from _same_layout(given)
    yield from _something(given)
    yield from _counts(given)


def _chosen(given: Given) -> Iterator[tuple[str, Term]]:
    for events, says in given:
        yield from ((one.what, says(one.value)) for one in events if isinstance(one, Chosen))


def _same_layout(given: Given) -> Iterator[Term]:
    """Size and alignment belong to the type, and are not zero."""
    first: dict[str, Term] = {}
    for what, value in _chosen(given):
        if what in ("size", "align"):
            yield equal(first.setdefault(what, value), value)
    yield from (_some(value) for value in first.values())
    yield from (apply("bvule", value, literal(_LARGE, value.sort)) for value in first.values())


def _something(given: Given) -> Iterator[Term]:
    """The client's `Vec` has elements, as many as it has room for."""
    length: Term | None = None
    for what, value in _chosen(given):
        if what == "length":
            length = value
            yield _some(value)
        elif what == "capacity" and length is not None:
            yield equal(value, length)


def _counts(given: Given) -> Iterator[Term]:
    """No more is copied than was offered, and with COMPLETED something is."""
    offered: Term | None = None
    for events, says in given:
        for one in events:
            if not isinstance(one, Told):
                continue
            if "n" in dict(one.arguments):
                offered = says(dict(one.arguments)["n"])
                yield _some(offered)
            if one.code is not None and one.call.startswith("stream."):
                yield from _count(says(one.code), offered)


def _count(code: Term, offered: Term | None) -> Iterator[Term]:
    assert isinstance(code.sort, BitVec)
    codes = Codes(code.sort.width)
    count = apply("bvlshr", code, codes.number(4))
    blocked = equal(code, codes.blocked)
    if offered is not None:
        yield either(blocked, apply("bvule", count, offered))
    stopped = differ(apply("bvand", code, codes.number(15)), codes.number(0))
    yield either(blocked, stopped, _some(count))


def _some(value: Term) -> Term:
    assert isinstance(value.sort, BitVec)
    return differ(value, literal(0, value.sort))


def inputs(given: Given) -> Iterator[Variable]:
    """What the events are about first: it is made small before the rest."""
    for events, says in given:
        for one in events:
            match one:
                case Told(code=code, arguments=arguments):
                    for term in (*([] if code is None else [code]), *(term for _, term in arguments)):
                        yield from variables_of(says(term))
                case Chosen(value=value):
                    yield from variables_of(says(value))
                case _:
                    pass
