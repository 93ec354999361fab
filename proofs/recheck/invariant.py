"""Re-proves an inductive invariant: three queries, made here from the certificate's own model, each answered by cvc5.

The state is what the script declares but for inputs, which are named `NAME@STEP`. Each query goes to a new solver, in a
process apart; whatever is not `unsat` is no proof.
"""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from proofs.recheck.conjuncts import conjuncts
from proofs.recheck.faults import NotDecided, Refused
from proofs.recheck.ghosts import hypotheses
from proofs.recheck.script import Script, expressions, read_script, read_term
from proofs.recheck.solver import MALFORMED
from proofs.recheck.solver_process import SECONDS, Session
from proofs.recheck.stepwise import Question, multiplies, names_in, parts_of, questions

SOLVER = "cvc5"
TOGETHER = 32
"""Models that are kept, for certificates that are checked one after the other."""
_GUARD = re.compile(r"guard (0|[1-9][0-9]*)")
_NEXT = re.compile(r"next (0|[1-9][0-9]*) (.+)", re.DOTALL)
_INPUT = re.compile(r".+@(0|[1-9][0-9]*)", re.DOTALL)
BAD = "bad "
AT_ONCE = 500_000
"""Characters of steps in one query."""
MUCH = 10_000
"""Characters of what one step makes of the state."""
_INTEGERS = "(set-option :solve-bv-as-int sum)\n"
WAYS = (
    _INTEGERS,
    "",
    f"{_INTEGERS}(set-option :nl-icp true)\n",
    f"{_INTEGERS}(set-option :simplification none)\n",
)
"""How each question is asked where unknown numbers are multiplied: as one about integers modulo a power of two, whose
sums and products a solver sees as such, or bit by bit, where a number is soon a constant. Where what is equal is put in
for each other, products of sums come to be: these hide what there is to see, or show it.
"""
BITS_ONLY = "QF_BV"
EAGERLY = "(set-option :bitblast eager)"
"""All is made bits at once, and one solver of propositions asked: where tables are read and written by numbers that are
not known, cvc5 takes a hundredth of the time that it takes otherwise (eight slots on a stack: 0.1 s instead of 7).
"""
MILLISECONDS = 2000
"""For each of these ways: what is answered so takes a tenth."""
IN_ALL = 10
"""Times the seconds of one query, for all questions of an invariant that is asked step by step: one whose 317 questions
take 50 s has 3,000.
"""


@dataclass(frozen=True, slots=True)
class Model:
    """`steps`: for each, its updates: the state's names with the definitions that hold what they become."""

    script: Script
    state: tuple[str, ...]
    steps: tuple[tuple[tuple[str, str], ...], ...]


@lru_cache(maxsize=TOGETHER)
def read_model(text: str) -> Model:
    """Raises `Refused` unless the script is a model: docs/certificate.md, "Models"."""
    script = read_script(text, "model")
    state = tuple(name for name in script.constants if input_of(name) is None)
    updates: dict[int, list[tuple[str, str]]] = {}
    for name, defined in script.definitions.items():
        if found := _GUARD.fullmatch(name):
            if int(found[1]) != len(updates) or defined.sort != "Bool":
                raise Refused(f"model: {name!r} where guard {len(updates)} was expected")
            updates[len(updates)] = []
        elif found := _NEXT.fullmatch(name):
            number, changed = int(found[1]), found[2]
            if number not in updates or changed not in state or defined.sort != script.constants[changed]:
                raise Refused(f"model: {name!r} updates nothing of the state")
            updates[number].append((changed, name))
        elif defined.sort != "Bool" or not (name == "initial" or name.startswith(BAD)):
            raise Refused(f"model: the definition {name!r}")
    if "initial" not in script.definitions:
        raise Refused("model: no definition `initial`")
    _inputs_belong(script, len(updates))
    return Model(script, state, tuple(tuple(updates[number]) for number in range(len(updates))))


def input_of(name: str) -> int | None:
    """The step whose input a constant is."""
    found = _INPUT.fullmatch(name)
    return None if found is None else int(found[1])


def _inputs_belong(script: Script, steps: int) -> None:
    for name in script.constants:
        step = input_of(name)
        if step is not None and step >= steps:
            raise Refused(f"model: {name!r} is the input of no step")


def check_invariant(
    model_text: str,
    invariant_text: str,
    excluded: tuple[str, ...],
    ghosts: bool = False,
    seconds: int = SECONDS,
    session: Session | None = None,
) -> frozenset[str]:
    """That the invariant holds at first, is kept by every step, and excludes each of these bad conditions.

    Gives the names of all bad conditions of the model. `ghosts`: it is said of any block, as `ghosts.py` explains.
    `seconds`: for each query; `IN_ALL` times as many for all of a second that is asked step by step.
    `session`: None for one of its own. Raises `Refused`; `NotDecided` if the solver has no answer in time.
    """
    if session is None:
        with Session() as own:
            return check_invariant(model_text, invariant_text, excluded, ghosts, seconds, own)
    found = conditions(read_model(model_text), excluded)
    asked = _Asked(model_text, invariant_text, ghosts, seconds, session)
    session.once(("inductive", model_text, invariant_text, ghosts), asked.inductive)
    session.once(("excluded", model_text, invariant_text, ghosts, excluded), lambda: asked.excludes(excluded))
    return found


def conditions(model: Model, excluded: tuple[str, ...]) -> frozenset[str]:
    """The names of all bad conditions of the model. Raises `Refused` if those to be excluded are not among them."""
    for name in excluded:
        if BAD + name not in model.script.definitions:
            raise Refused(f"model: no condition for {name!r}")
    return frozenset(name.removeprefix(BAD) for name in model.script.definitions if name.startswith(BAD))


def read_invariant(model: Model, text: str) -> str:
    """A term over the model's state, without what stands around it. Raises `Refused`."""
    invariant = read_term(text, model.script, "invariant")
    stray = _names_in(invariant, model) - set(model.state)
    if stray:
        raise Refused(f"invariant: {sorted(stray)[0]!r} is no part of the state")
    return invariant


@dataclass(frozen=True, slots=True)
class _Asked:
    """Each method gives the invariant's term, once it is shown what the method says."""

    model_text: str
    invariant_text: str
    ghosts: bool
    seconds: int
    session: Session

    def inductive(self) -> str:
        """It holds at first and is kept: for all certificates about it."""
        model = read_model(self.model_text)
        invariant = read_invariant(model, self.invariant_text)
        initial = model.script.definitions["initial"].body
        self._demand("it does not hold at first", query_text(model, initial, f"(not {invariant})"))
        if not self.ghosts and multiplies(f"{self.model_text}{self.invariant_text}"):
            self._step_by_step(model, invariant)
            return invariant
        steps = range(len(model.steps))
        alone = [step for step in steps if self.ghosts or _changes_much(model, step)]
        queries = [text for step in alone for text in _step_texts(model, invariant, step, self.ghosts)]
        if not self.ghosts:
            broken = broken_steps(model, invariant, False)
            pieces = together([broken[step] for step in steps if not _changes_much(model, step)])
            queries += [query_text(model, invariant, f"(or false false {' '.join(some)})") for some in pieces]
        self._demand("a step does not keep it", *queries)
        return invariant

    def excludes(self, excluded: tuple[str, ...]) -> str:
        model = read_model(self.model_text)
        invariant = read_invariant(model, self.invariant_text)
        reached = " ".join(model.script.definitions[BAD + name].body for name in excluded)
        query = query_text(model, invariant, f"(or false false {reached})")
        self._demand(f"it does not exclude {', '.join(excluded)}", query)
        return invariant

    def _step_by_step(self, model: Model, invariant: str) -> None:
        script, clock = model.script, _Clock(IN_ALL * self.seconds, time.monotonic())
        parts = parts_of(invariant, script)
        for number, updates in enumerate(model.steps):
            guard = script.definitions[f"guard {number}"].body
            changes = {changed: script.definitions[name].body for changed, name in updates}
            for question in questions(script, guard, changes, parts):
                if not self._soon_shown(model, guard, question, clock):
                    clock.look()
                    everything = (guard, *question.told[-1], question.denied)
                    self._demand("a step does not keep it", query_text(model, *everything))

    def _soon_shown(self, model: Model, guard: str, question: Question, clock: _Clock) -> bool:
        """In several ways, each time with more of what is known."""
        for told in question.told:
            clock.look()
            text = _question_text(model, question.alike, guard, *told, question.denied)
            if any(_answer((f"{way}{text}",), self.seconds, self.session) == "unsat" for way in WAYS):
                return True
        return False

    def _demand(self, what: str, *queries: str) -> None:
        answer = _answer(queries, self.seconds, self.session)
        if answer == "sat":
            raise Refused(f"invariant: {what}")
        if answer.startswith(MALFORMED) and "bad_alloc" not in answer:
            raise Refused(f"invariant: whether {what} is no question: {answer}")
        if answer != "unsat":
            raise NotDecided(f"invariant: whether {what} is not decided: {answer}")


@dataclass(frozen=True, slots=True)
class _Clock:
    """For many questions together. `begun`: seconds by the monotonic clock. What is begun in time may end after it."""

    seconds: int
    begun: float

    def look(self) -> None:
        if time.monotonic() - self.begun > self.seconds:
            why = f"its questions take more than {self.seconds} s in all"
            raise NotDecided(f"invariant: whether a step does not keep it is not decided: {why}")


def _names_in(invariant: str, model: Model) -> set[str]:
    found: set[str] = set()
    waiting = list(expressions(invariant, "invariant"))
    while waiting:
        one = waiting.pop()
        if one.name in model.script.constants:
            found.add(str(one.name))
        waiting.extend(one.parts or ())
    return found


def broken_steps(model: Model, invariant: str, ghosts: bool) -> list[str]:
    """For each step, that it can be taken and the invariant does not hold after it."""
    broken = []
    for number, updates in enumerate(model.steps):
        bindings = " ".join(f"(|{changed}| {model.script.definitions[name].body})" for changed, name in updates)
        after = f"(let ({bindings}) {invariant})" if bindings else invariant
        also = hypotheses(model.script, model.state, number, invariant) if ghosts else []
        broken.append(f"(and {' '.join([model.script.definitions[f'guard {number}'].body, *also])} (not {after}))")
    return broken


def _changes_much(model: Model, step: int) -> bool:
    """As one that writes an element by its number, of many that are kept: of all conjuncts together solvers then find
    no end (24 links, 300 s), of one after the other at once (0.1 s).
    """
    return sum(len(model.script.definitions[name].body) for _, name in model.steps[step]) > MUCH


def _step_texts(model: Model, invariant: str, step: int, ghosts: bool) -> list[str]:
    """Whether the step keeps each conjunct of the invariant, one after the other: together they take a solver far
    longer. What the step makes of the state is defined once. Not asked is of a conjunct that names nothing which the
    step changes: it is the same after the step, and holds before it. No query, if that is so of all.
    """
    script, changes = model.script, model.steps[step]
    changed = {of for of, _ in changes}
    open_ = [one.text for one in conjuncts(invariant) if not changed.isdisjoint(one.names)]
    if not open_:
        return []
    defined = [
        f"(define-fun |{name}| () {script.constants[of]} {script.definitions[name].body})" for of, name in changes
    ]
    bindings = " ".join(f"(|{of}| |{name}|)" for of, name in changes)
    also = hypotheses(script, model.state, step, invariant) if ghosts else []
    before = [script.definitions[f"guard {step}"].body, *also]
    asked = [f"(check-sat-assuming ((not (let ({bindings}) {one}))))" for one in open_]
    lines = [*_asserted(model, invariant, *before), *defined, *asked]
    options = ["(set-option :incremental true)", *([EAGERLY] if script.logic == BITS_ONLY else [])]
    return ["\n".join([*options, *lines]) + "\n"]


def together(broken: list[str]) -> Iterator[list[str]]:
    """Those that are asked in one query: none is left out, and one that is long is asked by itself. What many steps
    have in common is found once; but solvers go slowly through all of a large model at once.
    """
    some: list[str] = []
    for one in broken:
        if some and sum(map(len, some)) + len(one) > AT_ONCE:
            yield some
            some = []
        some.append(one)
    if some:
        yield some


def query_text(model: Model, *assertions: str) -> str:
    return "\n".join([*_asserted(model, *assertions), "(check-sat)"]) + "\n"


def _question_text(model: Model, alike: Mapping[str, str], *assertions: str) -> str:
    """Nothing is declared but what is spoken of, and names that are equal to something else stand for that."""
    script = model.script
    spoken = frozenset[str]().union(*(names_in(one, script) for one in assertions))
    names = {alike.get(name, f"|{name}|") for name in spoken}
    sorts = script.constants.items()
    declared = [f"(declare-const |{name}| {sort})" for name, sort in sorts if f"|{name}|" in names]
    declared += [
        f"(define-fun |{name}| () {sort} {alike[name]})" for name, sort in sorts if name in spoken and name in alike
    ]
    asserted = [f"(assert {one})" for one in assertions]
    options = [f"(set-option :tlimit-per {MILLISECONDS})"]
    return "\n".join([*options, f"(set-logic {script.logic})", *declared, *asserted, "(check-sat)"]) + "\n"


def _asserted(model: Model, *assertions: str) -> list[str]:
    declared = [f"(declare-const |{name}| {sort})" for name, sort in model.script.constants.items()]
    return [f"(set-logic {model.script.logic})", *declared, *(f"(assert {one})" for one in assertions)]


def _answer(queries: tuple[str, ...], seconds: int, session: Session) -> str:
    """`unsat` if the solver says that of each; else what it says of the first of which it does not."""
    if not queries:
        return "unsat"  # there is no step
    if importlib.util.find_spec(SOLVER) is None:
        raise NotDecided(f"the solver {SOLVER} is not at hand: whether the invariant holds is not decided")
    return session.answer(queries, seconds)
