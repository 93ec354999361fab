"""Other ways than the one that is shown, with the solver behind them: what can be done at a place, and questions of it.

A place is `from` steps of the recorded run, 0 for the start of the model, and `then` actions of the model by name,
under all hypotheses of the host if `with` names one: all of it stands in the address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from artifacts.explore.addresses import Address, is_branch
from artifacts.explore.json_reading import Node
from artifacts.explore.listing import listing
from artifacts.explore.model import Heading, Listing, TraceView, View
from artifacts.explore.trace_reading import gone_on, places, read_trace
from artifacts.itf import itf
from artifacts.names import visible
from artifacts.sentences import count
from extract.errors import InputError
from proofmark.explore.doing import Doing
from proofmark.explore.part import CannotBranch, Part, made_of, told
from proofmark.run_models import ProgramAt, job_of, part_of
from proofs.runtime.branching import Branch, Branching, NoSuchWay, Reached
from proofs.runtime.route import Route
from proofs.runtime.trace import Made

NO_RUN = "other ways are known of a run's results alone: explore the directory of `prove --out`"
APART = "~"
"""Between the names of actions in an address."""
_MOST = 60
"""Actions of one address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`place`: what to look at, if there is something."""

    text: str
    place: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """`start`: the recorded steps that are kept; `ways`: the actions taken after them; `hypothesis`: that is held."""

    start: int
    ways: tuple[str, ...]
    hypothesis: str

    @property
    def steps(self) -> int:
        return self.start + len(self.ways)

    def then(self, name: str) -> Place:
        return replace(self, ways=(*self.ways, name))

    def address(self, steps: int = 0) -> dict[str, str]:
        """With the cursor behind so many steps."""
        place = {"from": str(self.start), "then": APART.join(self.ways), "with": self.hypothesis}
        return {**{name: value for name, value in place.items() if value}, "step": str(steps)}


def followed_place(view: View, place: Mapping[str, str]) -> Place:
    """All that an address follows. Raises CannotBranch."""
    ways = tuple(one for one in place.get("then", "").split(APART) if one)
    if len(ways) > _MOST:
        raise CannotBranch(f"an address of {len(ways)} actions; at most {_MOST} are followed")
    steps = len(view.steps) if isinstance(view, TraceView) else 0
    return Place(Address("", place).number("from", 0, steps, 0), ways, place.get("with", "")[:2])


def place_of(view: View, place: Mapping[str, str], step: int) -> Place:
    """Where the cursor is, `step` steps into what is shown. Raises CannotBranch."""
    if not is_branch(place):
        return Place(step, (), "")
    whole = followed_place(view, place)
    kept = min(step, whole.start)
    return replace(whole, start=kept, ways=whole.ways[: step - kept])


class Branches:
    """Of the results of one run, by their keys; models are made when they are asked for, and kept."""

    def __init__(self, results: Mapping[str, Node], program: ProgramAt) -> None:
        self.results = results
        self.program = program
        self.doing = Doing()
        self._parts: dict[tuple[str, str], dict[bool, Part]] = {}

    def asked(self) -> Doing:
        """Another question comes: whatever is done for the last one is for nobody."""
        self.doing.stop()
        self.doing = Doing()
        return self.doing

    def part(self, view: View) -> Part:
        """What a view is about. Raises CannotBranch."""
        result = self.results.get(view.heading.key)
        if result is None:
            raise CannotBranch("other ways are known of a run's results alone")
        key = (result.child("subject").child("sha256").text(), result.child("instance").text())
        if key not in self._parts:
            try:
                job = job_of(result, self.program)
                asked = part_of(job)
            except InputError as error:
                raise CannotBranch(str(error)) from error
            self._parts[key] = {follows: Part(job, asked, follows, lambda: self.doing) for follows in (False, True)}
        parts = self._parts[key]
        return parts[parts[False].is_of_elements(view.heading.obligation)]

    def _held(self, view: View) -> bool:
        """Whether the host is taken to keep H1 and H2: if a proof rests on it, and of a run, if it is one then."""
        if isinstance(view, TraceView):
            return self.part(view).is_held(view)
        result = self.results[view.heading.key]
        said = result.child("assumptions").items() if result.has("assumptions") else ()
        return any(one.child("id").value == "hypothesis" and one.child("about").value in ("H1", "H2") for one in said)

    def possible(self, view: View, place: Place) -> tuple[Branch, ...]:
        """What can be done there, the violations last. Raises CannotBranch."""
        with told():
            branching, route = self._route(view, place)
            return tuple(sorted(branching.possible(route), key=lambda one: one.breaks is not None))

    def shown(self, view: View, place: Place) -> TraceView:
        """The run up to a place. Raises CannotBranch."""
        with told():
            branching, route = self._route(view, place)
            trace = branching.shown(route)
        job = self.part(view).job
        heading = _heading(view, place, trace.obligation, trace.why)
        further = read_trace(Node(job.path, "", itf(trace)), heading, Listing())
        recorded = view if isinstance(view, TraceView) else further
        whole = gone_on(recorded, place.start, further, heading)
        texts = listing(places(whole), Path(job.crate.source_directory), Path(job.crate.mir_path))
        return replace(whole, listing=texts)

    def at(self, view: View, place: Mapping[str, str]) -> View:
        """What an address shows. Raises CannotBranch."""
        return self.shown(view, followed_place(view, place)) if is_branch(place) else view

    def goes_wrong(self, view: View, place: Place) -> Iterator[Answer]:
        """Whether it still can, by obligation, that of the result first. Raises CannotBranch."""
        with told():
            branching, route = self._route(view, place)
            found = branching.goes_wrong(route, branching.conditions)
        wanted = view.heading.obligation
        for name in sorted(found, key=lambda one: (one != wanted, found[one].ways is None)):
            if name == wanted or found[name].ways is not None:
                yield _reached(name, found[name], Place(place.start, place.ways, place.hypothesis))
        left = sum(one.ways is None and one.whole and name != wanted for name, one in found.items())
        unsure = sum(one.ways is None and not one.whole and name != wanted for name, one in found.items())
        yield Answer(f"{count(left, 'other condition')} cannot be reached from here")
        if unsure:
            yield Answer(f"of {unsure} others it is not known")

    def shortest(self, view: View, place: Place) -> Answer:
        """Raises CannotBranch."""
        with told():
            branching, route = self._route(view, place)
            found = branching.shortest(route)
        if found.ways is None:
            return Answer(f"no way here was found: {found.why}")
        way = Place(0, found.ways, place.hypothesis)
        without, steps = _without(made_of(view)), count(len(found.ways), "step")
        return Answer(f"a shortest way here{without} has {steps}", way.address(len(found.ways)))

    def hypothesis(self, view: View) -> str | None:
        """The one that can be held or not here. Raises CannotBranch."""
        with told():
            return self.part(view).hypothesis

    def under(self, view: View, place: Place) -> Iterator[Answer]:
        """What is left where the host keeps the hypothesis. Raises CannotBranch."""
        held = replace(place, hypothesis=self.hypothesis(view) or "")
        try:
            self._route(view, held)
            yield Answer(f"these steps can be taken under {held.hypothesis}, too", held.address(held.steps))
        except NoSuchWay as error:
            yield Answer(f"under {held.hypothesis} these steps cannot be taken: {error}")
        with told():
            branching = self.part(view).model(True, made_of(view))
            found = branching.goes_wrong(branching.start, (view.heading.obligation,))[view.heading.obligation]
        yield _reached(f"under {held.hypothesis}, {view.heading.obligation}", found, Place(0, (), held.hypothesis))

    def _route(self, view: View, place: Place) -> tuple[Branching, Route]:
        part = self.part(view)
        held = bool(place.hypothesis) or self._held(view)
        branching = part.model(held, made_of(view))
        first = branching.start if place.start == 0 else part.recorded(view, place.start, held)
        return branching, branching.after(first, place.ways)


def _reached(what: str, found: Reached, place: Place) -> Answer:
    if found.ways is None:
        never = f"{what}: no, not from here" if found.whole else f"{what}: not known"
        return Answer(f"{never} ({found.why})")
    steps = count(len(found.ways), "step")
    further = replace(place, ways=(*place.ways, *found.ways))
    return Answer(f"{what}: reached after {steps}", further.address(further.steps))


def way_of(branch: Branch) -> str:
    """A branch in one line: who does what, what is violated, what is told, what changes."""
    told = "; ".join(branch.told)
    changes = ", ".join(f"{name}: {before} → {after}" for name, before, after in branch.changes)
    broken = f"✗ {branch.breaks}" if branch.breaks is not None else ""
    parts = (one for one in (broken, told, changes) if one)
    return visible(f"{branch.actor} {branch.action}: {' | '.join(parts) or 'changes no choice of the state'}", 600)


def _without(made: Made) -> str:
    return f", without {made.left_out}," if made.left_out else ""


def _heading(view: View, place: Place, breaks: str, why: str) -> Heading:
    names = ", ".join(one.rpartition(".")[0] for one in place.ways) or "nothing yet"
    kept = f"{count(place.start, 'step')} of the recorded run, then " if place.start else "from the start: "
    under = f" under {place.hypothesis}" if place.hypothesis else ""
    end = f"; it violates {breaks}: {why}" if breaks else "; nothing is violated so far"
    said = f"{kept}{names}{under}{_without(made_of(view)).removesuffix(',')}{end}"
    return replace(view.heading, verdict="another way", reason=visible(said, 600))
