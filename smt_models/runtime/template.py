"""The shape of a state between actions: derived from what actions leave, never written by hand.

A template is a value whose leaves are state variables and whose choices are tagged by state variables. What does not
fit widens it, until everything fits. Numbers in places that are said to be arbitrary are chosen anew at each action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import (
    VECS,
    Aggregate,
    Choice,
    Dangling,
    FunctionPointer,
    Moved,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Value,
    Variant,
)
from smt_models.system.operators import BitVec, Boolean, Enum
from smt_models.system.terms import Apply, Literal, Term, Variable, apply, literal, variables_of

ANY = "any "
SMALL = "small "
MAX_SMALL = 8
"""How many values a small number may have."""


@dataclass(slots=True)
class Template:
    """`values` by root. `arbitrary`: fields of types whose numbers are forgotten between actions; `small`: those that
    have a few values only, each of which is a choice of its own. `constants`: words that stay the same for ever; a
    number made of them alone stands as it is. `released`: one of those has become a word of its own, of which earlier
    states do not say what it was.
    """

    names: dict[int, str]
    enums: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, tuple[str, ...]]
    arbitrary: Mapping[str, tuple[str, ...]]
    constants: frozenset[str] = frozenset()
    small: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[int, Value] = field(default_factory=dict)
    released: bool = False

    def join(self, root: int, value: Value) -> bool:
        """Widens; whether anything changed."""
        name = self.names[root]
        old = self.values.get(root)
        new = self._fresh(value, name) if old is None else self._join(old, value, name)
        self.values[root] = new
        return new != old

    def _fresh(self, value: Value, name: str) -> Value:
        match value:
            case Scalar(term) if name.startswith(ANY) and not self._is_constant(term):
                return Scalar(Variable(name, term.sort))
            case Scalar(Literal()) if is_code(value):
                return value
            case Scalar(Apply("concat", (count, low))):
                return Scalar(apply("concat", Variable(f"{name}.count", count.sort), low))
            case Scalar(term):
                if name.startswith(SMALL):
                    return value
                return value if self._is_constant(term) else Scalar(Variable(name, term.sort))
            case Aggregate(of, fields):
                return Aggregate(of, self._fields(of, fields, fields, name, fresh=True))
            case Variant(of, index, fields):
                return Variant(of, index, self._fields(of, fields, fields, f"{name}.{self._label(value)}", fresh=True))
            case Choice(_, options):
                made = self._fresh(options[0], name)
                for option in options[1:]:
                    made = self._join(made, option, name)
                return made
            case _:
                return value

    def _fields(
        self, of: str, old: tuple[Value, ...], new: tuple[Value, ...], name: str, fresh: bool = False
    ) -> tuple[Value, ...]:
        known = self.fields.get(of, ())
        made: list[Value] = []
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            part = known[number] if number < len(known) else str(number)
            inner = f"{name}.{part}"
            if self._is_arbitrary(of, part):
                inner = ANY + inner.removeprefix(ANY).removeprefix(SMALL)
            if part in self.small.get(of, ()):
                inner = SMALL + inner.removeprefix(ANY).removeprefix(SMALL)
            made.append(self._fresh(other, inner) if fresh else self._join(one, other, inner))
        return tuple(made)

    def _is_arbitrary(self, of: str, part: str) -> bool:
        return (of in VECS and part in "12") or of == "core::alloc::Layout" or part in self.arbitrary.get(of, ())

    def _join(self, old: Value, new: Value, name: str) -> Value:
        if old == new:
            return old
        match old, new:
            case Choice(), Choice() if old.tag.name == new.tag.name:
                made: Value = old
                for option in new.options:
                    made = self._join(made, option, name)
                return made
            case _, Choice(_, options):
                made = old
                for option in options:
                    made = self._join(made, option, name)
                return made
            case Choice(_, options), _:
                return self._option(options, new, name)
            case Scalar(term), Scalar(other) if term.sort != other.sort:
                raise NotModelled(f"a template for {name}: numbers of two sorts")
            case Scalar(term), Scalar() if name.startswith(ANY):
                return self._number(old, term, name)
            case Scalar(), Scalar() if name.startswith(SMALL):
                return self._option((old,), new, name)
            case Scalar(), Scalar() if is_code(old) and is_code(new) and self._label(old) == self._label(new):
                return old
            case Scalar(), Scalar() if is_code(old) or is_code(new):
                return self._option((old,), new, name)
            case Scalar(term), Scalar():
                return self._number(old, term, name)
            case Aggregate(of, fields), Aggregate(other_of, others) if of == other_of and len(fields) == len(others):
                return Aggregate(of, self._fields(of, fields, others, name))
            case Variant(of, index, fields), Variant(other_of, number, others) if (of, index) == (other_of, number):
                return Variant(of, index, self._fields(of, fields, others, f"{name}.{self._label(old)}"))
            case _:
                return self._option((old,), new, name)

    def _number(self, old: Value, term: Term, name: str) -> Value:
        """That may be another now: if it stood as it is, for ever, it has a word from now on."""
        if not self._is_constant(term):
            return old
        self.released = True
        return Scalar(Variable(name, term.sort))

    def _is_constant(self, term: Term) -> bool:
        found = tuple(variables_of(term))
        return bool(found) and all(one.name in self.constants for one in found)

    def _option(self, options: tuple[Value, ...], new: Value, name: str) -> Choice:
        labels = [self._label(one, name) for one in options]
        label = self._label(new, name)
        if label in labels:
            at = labels.index(label)
            joined = self._join(options[at], new, name)
            if isinstance(joined, Choice):
                raise NotModelled(f"a template for {name}: two values called {label}")
            changed = (*options[:at], _beside_others(joined, name), *options[at + 1 :])
            return Choice(Variable(name, Enum(name, tuple(labels))), changed)
        made = self._fresh(new, name)
        if name.startswith(SMALL) and len(options) >= MAX_SMALL:
            raise NotModelled(f"more than {MAX_SMALL} values of {name}")
        every = tuple(_beside_others(one, name) for one in (*options, made))
        return Choice(Variable(name, Enum(name, (*labels, label))), every)

    def _label(self, value: Value, name: str = "") -> str:
        match value:
            case Variant(of, index):
                return self.enums.get(of, ())[index]
            case Pointer(base, path, moved):
                steps = "".join(f".{one}" for one in path)
                return f"at {self.names.get(base, 'nothing')}{steps}{' or after' if moved else ''}"
            case FunctionPointer(name):
                return name.rpartition("::")[2]
            case Aggregate(of):
                return of
            case Opaque(what):
                return what
            case Null():
                return "null"
            case Dangling():
                return "dangling"
            case Moved():
                return "gone"
            case Scalar() if name.startswith(ANY):
                return "a number"  # codes too: between actions it is forgotten which
            case Scalar(Literal(int(number))) if name.startswith(SMALL):
                return str(number)
            case Scalar() if name.startswith(SMALL):
                raise NotModelled(f"a value of {name} that is not known")
            case Scalar(Literal(number)) if is_code(value):
                return f"{number:#x}"
            case Scalar(Apply("concat", (_, Literal(number)))) if is_code(value):
                return f"{number:#x} with a count"
            case Scalar():
                return "a number"
            case Choice():
                raise AssertionError(value)

    # States

    def variables(self) -> tuple[Variable, ...]:
        found: dict[str, Variable] = {}
        for value in self.values.values():
            _collect(value, found)
        return tuple(self._words(found))

    def numbers(self) -> tuple[Variable, ...]:
        """Those that are chosen anew at each action, and those that stay the same whatever they are."""
        found: dict[str, Variable] = {}
        for value in self.values.values():
            _collect(value, found)
        return tuple(one for one in found.values() if one.name.startswith(ANY))

    def chosen_by(self) -> dict[str, tuple[Term, ...]]:
        """For each number what must be chosen for it to be there: it is 0 where something else is."""
        found: dict[str, tuple[Term, ...]] = {}
        for value in self.values.values():
            _chosen_by(value, (), found)
        return found

    def _words(self, found: Mapping[str, Variable]) -> Iterator[Variable]:
        """Those that a state has of its own."""
        for one in found.values():
            if not one.name.startswith(ANY) and one.name not in self.constants:
                yield one

    def match(self, root: int, value: Value, state: State, updates: dict[str, Term]) -> None:
        """The new values of the state variables; forks if it is not known which they are."""
        self._match(self.values[root], value, state, updates)

    def _match(self, template: Value, value: Value, state: State, updates: dict[str, Term]) -> None:
        match template, value:
            case Choice(tag, options), _ if tag.name in self.constants:
                known = state.facts.simplify(tag)
                chosen = options[template.members.index(str(known.value))] if isinstance(known, Literal) else template
                if value not in (template, chosen):
                    raise NotModelled(f"a write to {tag.name}, which stays the same for ever")
            case Choice(tag, options), _:
                if template == value and state.facts.simplify(tag) == tag:
                    return  # nobody looked at it
                value = state.settle(value)
                labels = [self._label(one, tag.name) for one in options]
                at = labels.index(self._label(value, tag.name))
                updates[tag.name] = literal(labels[at], tag.sort)
                unused: dict[str, Variable] = {}
                for one in (*options[:at], *options[at + 1 :]):
                    _collect(one, unused)
                updates.update({one.name: default(one) for one in unused.values() if one.name not in self.constants})
                self._match(options[at], value, state, updates)
            case _, Choice():
                self._match(template, state.settle(value), state, updates)
            case Scalar(Variable(name)), Scalar(term) if name not in self.constants:
                updates[name] = state.facts.simplify(term)  # arbitrary ones too, for traces: the system leaves them out
            case Scalar(Apply("concat", (Variable(name), _))), Scalar(Apply("concat", (count, _))):
                updates[name] = state.facts.simplify(count)
            case Aggregate(_, fields), Aggregate(_, others):
                for one, other in zip(fields, others, strict=True):
                    self._match(one, other, state, updates)
            case Variant(_, _, fields), Variant(_, _, others):
                for one, other in zip(fields, others, strict=True):
                    self._match(one, other, state, updates)
            case _:
                if template != value:
                    raise NotModelled("a state that does not fit the template")


def is_code(value: Value) -> bool:
    """A number that stands for a case, alone or with a count packed over it: `result | progress << 4` [CABI]. Such
    cases are kept apart, so that what is decided by them is decided without a solver.
    """
    match value:
        case Scalar(Literal(_, BitVec(32))) | Scalar(Apply("concat", (_, Literal()), BitVec(32))):
            return True
        case _:
            return False


def _beside_others(value: Value, name: str) -> Value:
    """A number that is one of several values has a word of its own: the name is that of the choice."""
    match value:
        case Scalar(Variable(word, sort)) if word == name:
            return Scalar(Variable(f"{name} as a number", sort))
        case _:
            return value


def default(variable: Variable) -> Literal:
    """What a word holds while its choice is another."""
    match variable.sort:
        case Enum(_, members):
            return literal(members[0], variable.sort)
        case Boolean():
            return literal(False, variable.sort)
        case _:
            return literal(0, variable.sort)


def _chosen_by(value: Value, chosen: tuple[Term, ...], found: dict[str, tuple[Term, ...]]) -> None:
    match value:
        case Scalar(Variable() as variable) | Scalar(Apply("concat", (Variable() as variable, _))):
            found.setdefault(variable.name, chosen)
        case Choice(tag, options):
            for member, option in zip(value.members, options, strict=True):
                _chosen_by(option, (*chosen, tag.is_(member)), found)
        case Aggregate(_, fields) | Variant(_, _, fields):
            for one in fields:
                _chosen_by(one, chosen, found)
        case _:
            pass


def _collect(value: Value, found: dict[str, Variable]) -> None:
    match value:
        case Scalar(Variable() as variable) | Scalar(Apply("concat", (Variable() as variable, _))):
            found.setdefault(variable.name, variable)
        case Choice(tag, options):
            found.setdefault(tag.name, tag)
            for option in options:
                _collect(option, found)
        case Aggregate(_, fields) | Variant(_, _, fields):
            for one in fields:
                _collect(one, found)
        case _:
            pass
