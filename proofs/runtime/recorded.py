"""A recorded run as a run of a model: edges that lead through its states, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from proofs.runtime.branching import NoSuchWay
from proofs.runtime.engine import Budget
from proofs.runtime.route import Route, from_state
from proofs.runtime.solve import satisfiable
from smt_models.runtime.edges import Edge, Edges
from smt_models.runtime.emit import FAULT
from smt_models.runtime.template import default
from smt_models.system.evaluate import holds
from smt_models.system.model import System
from smt_models.system.operators import BitVec, Boolean, Enum, Value
from smt_models.system.terms import FALSE, Literal, Term, Variable, both, conjunction, equal, literal


@dataclass(frozen=True, slots=True)
class Recorded:
    """`texts`: the value of each word in each state, the first included, as people read them; `actions`: what was done
    from each to the next; `obligation`: what the last one violates.
    """

    texts: tuple[Mapping[str, str], ...]
    actions: tuple[str, ...]
    obligation: str


def states_of(recorded: Recorded, edges: Edges) -> tuple[dict[str, Value], ...]:
    """A run that was found before everything was explored may have fewer words than the model: what it does not tell
    apart is as it was before anything did. Raises NoSuchWay: not the words of this model.
    """
    words = {one.name: one for one in (*edges.variables, *edges.numbers.variables)}
    return tuple(
        {name: _value(one, _text(one, texts, words)) for name, one in words.items()} for texts in recorded.texts
    )


def _text(word: Variable, texts: Mapping[str, str], words: Mapping[str, Variable]) -> str | None:
    if word.name not in texts and texts.keys() <= {*words, FAULT.name}:
        return _told(default(word))
    return texts.get(word.name)


def _told(literal: Literal) -> str:
    return str(literal.value).lower() if isinstance(literal.value, bool) else str(literal.value)


def _value(word: Variable, text: str | None) -> Value:
    match word.sort:
        case Boolean() if text in ("true", "false"):
            return text == "true"
        case Enum(_, members) if text in members:
            return text
        case BitVec(width) if text is not None and _is_number(text) and int(text, 0) < 1 << width:
            return int(text, 0)
        case _:
            raise NoSuchWay(f"the run is of another model: its {word.name} is {text}")


def _is_number(text: str) -> bool:
    try:
        return int(text, 0) >= 0
    except ValueError:
        return False


def followed(
    edges: Edges, system: System, recorded: Recorded, states: Sequence[Mapping[str, Value]], budget: Budget
) -> tuple[int, ...]:
    """An edge for each step. Raises NoSuchWay: some step is none of this model. NoAnswer."""
    if not holds(system.initial, {**states[0], FAULT.name: "none"}):
        raise NoSuchWay("the run begins where the model does not")
    asked = [(number, at, condition) for number, at, condition in _asked(edges, recorded, states) if condition != FALSE]
    can = satisfiable([condition for *_, condition in asked], budget)
    found: dict[int, int] = {}
    for (number, at, _), yes in zip(asked, can, strict=True):
        if yes:
            found.setdefault(number, at)
    for number, action in enumerate(recorded.actions):
        if number not in found:
            raise NoSuchWay(f"step {number + 1}, {action}, cannot be taken in this model")
    return tuple(found[number] for number in range(len(recorded.actions)))


def _asked(edges: Edges, recorded: Recorded, states: Sequence[Mapping[str, Value]]) -> Iterator[tuple[int, int, Term]]:
    for number, action in enumerate(recorded.actions):
        before = from_state(edges, states[number])
        breaks = recorded.obligation if number == len(recorded.actions) - 1 else None
        for at, edge in enumerate(edges.edges):
            if edge.action == action and (edge.fault is None or edge.fault.obligation == breaks):
                yield number, at, _leads(before.then(at), edge, states[number + 1])


def _leads(route: Route, edge: Edge, after: Mapping[str, Value]) -> Term:
    """Where something is violated only the host's words are those of that place."""
    step = route.taken[-1]
    host = {} if edge.fault is None else {name: step.says(term) for name, term in edge.host}
    words = {**step.after, **host}
    same = (equal(word, literal(after[name], word.sort)) for name, word in words.items())
    return both(route.condition, conjunction(same))
