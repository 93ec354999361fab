"""Counted loops in closed form: what is true of any iteration, without running them all.

One iteration is executed from locals that are variables. Where every way back to the head changes a local by the same
constant, its value in iteration `k` is its first value and `k` times that; any other local that the loop sets may be
anything. A way back that is taken only while two such values differ, whose difference changes by one power of two each
time, bounds `k`: after k ways back none of the earlier differences was zero. If `d` is the difference at first and it
comes nearer to zero by `s` each time, then `k <= d / s` if s divides d: this holds of 0, and is kept, since at `k = d /
s` the difference is zero and there is no way back. All of it is modulo 2^32, so that nothing is assumed of wrapping. A
loop that changes what is known of memory, or a global, or that reads a table of the metadata, has no closed form here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from extract.wasm.body import Body
from smt_models.system.operators import BitVec
from smt_models.system.terms import FALSE, Apply, Literal, Term, Variable, conjunction, either, negation, variables_of
from smt_models.wasm.build import constant, difference, make, number, same, width_of
from smt_models.wasm.closed_form import Counted
from smt_models.wasm.memory import at
from smt_models.wasm.moves import Carried, moved_by
from smt_models.wasm.paths import Access
from smt_models.wasm.regions import ADDRESS, Regions, base_of
from smt_models.wasm.state import State


def set_locals(body: Body, head: int) -> tuple[int, ...]:
    """The locals that instructions of the loop set."""
    found = {
        int(operation.immediates[0])  # type: ignore[arg-type]
        for block in body.blocks
        if head in block.loops
        for operation in block.operations
        if operation.name in ("local.set", "local.tee")
    }
    return tuple(sorted(found))


def counted(
    entry: State,
    names: Mapping[int, Variable],
    repeats: list[State],
    accesses: list[Access],
    counter: Variable,
    few: int,
) -> Counted | None:
    """`names`: the locals as the trial iteration had them. None if there is no closed form, or it takes at most `few`
    iterations, so that they are better run.
    """
    if not repeats or not all(_kept(entry, one) for one in repeats):
        return None
    strides = {place: _stride(name, [one.frame.locals[place] for one in repeats]) for place, name in names.items()}
    line = _Line(entry, names, strides)
    if any(_in_table(entry, line, one) for one in accesses if not one.store):
        return None
    bounds = _common([list(_bounds(line, one.condition[len(entry.condition) :])) for one in repeats])
    if not bounds or any((least := constant(first)) is not None and least // step <= few for first, step in bounds):
        return None
    within = conjunction(_within(counter, first, step) for first, step in bounds)
    endless = conjunction(_remainder(first, step) for first, step in bounds)
    moved = moved_by(line.of, accesses, _carried(entry, names, repeats))
    if moved is not None and any(one.stores != moved.stores for one in repeats):
        moved = None  # not every iteration copies, or another loop within has its say
    return Counted(tuple(entry.condition), counter, strides, within, bounds[0], endless, moved)


def _in_table(entry: State, line: _Line, access: Access) -> bool:
    """Whether it looks up what is known: an iteration by itself would not say what the ones before it have seen."""
    memory = next(iter(entry.memories), None)
    found = line.of(at(access.base, access.displacement))
    if not isinstance(memory, Regions) or found is None:
        return False
    first, _ = found
    start = constant(first)
    start = base_of(first) if start is None else start
    size = constant(access.size)
    tables = memory.layout.tables
    return start is not None and size is not None and any(one.reached(start, size) for one in tables)


def _kept(entry: State, one: State) -> bool:
    for before, after in zip(entry.memories, one.memories, strict=True):
        if isinstance(before, Regions) and isinstance(after, Regions) and not before.same_cells(after):
            return False
    return all(
        x is y or (x is not None and y is not None and same(x, y))
        for x, y in zip(entry.globals, one.globals, strict=True)
    )


def _stride(name: Variable, after: list[Term | None]) -> int | None:
    if name.sort != BitVec(ADDRESS):
        return None
    found: set[int | None] = set()
    for value in after:
        match value:
            case Apply("bvadd", (inner, Literal(added))) if same(inner, name):
                found.add(int(added))
            case _:
                found.add(0 if value is not None and same(value, name) else None)
    return found.pop() if len(found) == 1 else None


class _Line:
    """Terms of the trial iteration as a first value and what each iteration adds."""

    def __init__(self, entry: State, names: Mapping[int, Variable], strides: Mapping[int, int | None]) -> None:
        self._first = {name: (entry.frame.locals[place], strides[place]) for place, name in names.items()}

    def of(self, term: Term) -> tuple[Term, int] | None:
        """None if it does not change so."""
        if isinstance(term, Variable) and term in self._first:
            first, stride = self._first[term]
            return None if stride is None or first is None else (first, stride)
        match term:
            case Apply("bvadd" | "bvsub" as operator, (left, right)):
                one, other = self.of(left), self.of(right)
                if one is None or other is None:
                    return None
                added = one[1] + other[1] if operator == "bvadd" else one[1] - other[1]
                return make(operator, one[0], other[0]), added % (1 << width_of(term))
            case _:
                return None if any(item in self._first for item in variables_of(term)) else (term, 0)


def _bounds(line: _Line, conditions: list[Term]) -> Iterator[tuple[Term, int]]:
    """Differences at first, and by how much they shrink each time."""
    for left, right in _different(conditions):
        if not isinstance(left.sort, BitVec):
            continue
        one, other = line.of(left), line.of(right)
        if one is None or other is None:
            continue
        width = width_of(left)
        grows = (one[1] - other[1]) % (1 << width)
        for first, step in (
            (difference(other[0], one[0]), grows),
            (difference(one[0], other[0]), -grows % (1 << width)),
        ):
            if 0 < step <= 16 and step & (step - 1) == 0 and width == ADDRESS:
                yield first, step


def _different(conditions: list[Term]) -> Iterator[tuple[Term, Term]]:
    waiting = [(term, True) for term in conditions]
    while waiting:
        term, holds = waiting.pop()
        match term:
            case Apply("not", (inner,)):
                waiting.append((inner, not holds))
            case Apply("and", parts) if holds:
                waiting.extend((part, True) for part in parts)
            case Apply("or", parts) if not holds:
                waiting.extend((part, False) for part in parts)
            case Apply("bvult" | "bvslt", (left, right)) if holds:
                yield left, right
            case Apply("=" | "bvule" | "bvsle", (left, right)) if not holds:
                yield left, right
            case _:
                pass


def _common(found: list[list[tuple[Term, int]]]) -> list[tuple[Term, int]]:
    first, *rest = found
    return [one for one in first if all(one in other for other in rest)]


def _within(counter: Variable, first: Term, step: int) -> Term:
    places = step.bit_length() - 1
    most = make("bvlshr", first, number(places, width_of(first))) if places else first
    return either(make("bvule", counter, most), _remainder(first, step))


def _remainder(first: Term, step: int) -> Term:
    """Whether the difference is no multiple of the step."""
    if step == 1:
        return FALSE
    rest = make("bvand", first, number(step - 1, width_of(first)))
    return negation(make("=", rest, number(0, width_of(first))))


def _carried(entry: State, names: Mapping[int, Variable], repeats: list[State]) -> dict[Variable, Carried]:
    """Locals that begin as what was just loaded, and that every iteration gives the next one."""
    found = {}
    for place, name in names.items():
        first, *others = (one.frame.locals[place] for one in repeats)
        began = entry.frame.locals[place]
        source = next((at_ for at_, value in entry.held if began is not None and same(value, began)), None)
        if first is not None and source is not None and all(one is not None and same(first, one) for one in others):
            found[name] = Carried(source, first)
    return found


def in_iteration(entry: State, loop: Counted, anything: Mapping[int, Variable]) -> None:
    """Changes the state to that of any iteration."""
    for place, stride in loop.strides.items():
        first = entry.frame.locals[place]
        if stride is None or first is None:
            entry.frame.locals[place] = anything[place]
        elif stride:
            entry.frame.locals[place] = make("bvadd", first, _times(loop.counter, stride))
    entry.assume(loop.within)


def _times(counter: Variable, stride: int) -> Term:
    if stride == 1:
        return counter
    if stride == (1 << ADDRESS) - 1:
        return make("bvneg", counter)
    return make("bvmul", counter, number(stride, ADDRESS))
