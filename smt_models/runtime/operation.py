"""One operation with its host, its tasks and its client: what stays the same over all that happens to it."""

from __future__ import annotations

from itertools import pairwise

from extract.mir.compile import Panic
from smt_models.host.variants import ALL, Element, Hypotheses, Kind, Peer, Variant
from smt_models.runtime import library_followed, library_received, one_element
from smt_models.runtime.constants import STATIC, USIZE
from smt_models.runtime.element_table import presence, table_of
from smt_models.runtime.elements import ELEMENT, Elements
from smt_models.runtime.extents import GUESTS, LARGEST, LIST, area_layout, block, element_layout, room_of
from smt_models.runtime.facts import fold
from smt_models.runtime.follower import follower_of
from smt_models.runtime.following import Following
from smt_models.runtime.host import Host, end_host, subtask_host
from smt_models.runtime.library import MODELS
from smt_models.runtime.library_memory import EMPTY_VEC, SLICE, WAKER
from smt_models.runtime.library_owned import TRAIT_MODELS
from smt_models.runtime.library_shared import boxed
from smt_models.runtime.machine import BYTES, Call, Machine, Model
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.profile import LENGTH, RC, Argument, Invocation, Operation, Profile, Role, TaskAbi, TaskTable
from smt_models.runtime.program import Program
from smt_models.runtime.received import Received
from smt_models.runtime.roots import (
    BORROWED,
    CODE,
    ELEMENTS,
    HANDED_OVER,
    HANDLE,
    INDEX,
    LAST_CODE,
    NUMBER,
    OPERATION,
    OWN,
    PRESUPPOSED,
    ROOTS,
    SHARED,
    STORAGE,
)
from smt_models.runtime.state import NO_SIZE, SINK, State
from smt_models.runtime.task import AbiTasks, Tasks
from smt_models.runtime.task_table import TableTasks
from smt_models.runtime.template import ANY
from smt_models.runtime.values import (
    LAST,
    MOVED,
    NONE,
    UNIT,
    VEC,
    Aggregate,
    Dangling,
    FunctionPointer,
    Moved,
    Opaque,
    Pointer,
    Scalar,
    Value,
    replaced,
)
from smt_models.runtime.watch import Obligations
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Literal, Term, Variable, negation


class Subject:
    """Everything that stays the same over the actions of one operation. `stays`: the client is taken never to hand
    the operation to another task, which is an assumption. `follows`: one element of the buffer is (partial-write).
    `most_turns`: of loops, of which longer ones are left out: for a violation, and no proof.
    """

    def __init__(
        self,
        program: Program,
        profile: Profile,
        operation: Operation,
        peer: Peer,
        panic: Panic,
        hypotheses: Hypotheses = ALL,
        stays: bool = False,
        follows: bool = False,
        most_turns: int | None = None,
    ) -> None:
        self.program, self.profile, self.operation, self.panic = program, profile, operation, panic
        self.stays, self.most_turns = stays, most_turns
        self.host = _host(operation, peer, hypotheses)
        self.tasks = _tasks(profile, program, self.host)
        applied = f"{program.implementations[operation.implementor, profile.operation_trait][0]}::{profile.apply}"
        scalar: Term = TRUE if operation.kind is not None and operation.zero_alloc else FALSE
        if operation.scalar is not None:
            named = Variable(operation.scalar, BOOLEAN)
            scalar = presence(operation.scalar).is_("None") if operation.is_table else named
        host_form = FALSE if operation.scalar is None else scalar
        self.following = (
            follower_of(operation, program.fields, self.host, host_form, panic, hypotheses) if follows else None
        )
        self.obligations = Obligations(self.host, applied, scalar, self.following)
        self.elements = Elements(
            operation, self.host, self.obligations, self.argument, host_form, self.following, self.tasks
        )
        models: dict[str, Model] = {**MODELS, **self.tasks.models(), **self.elements.models(program.foreign)}
        match self.following:
            case Received() as received:
                models |= library_received.models(received)
            case Following(counts_turns=True) as following:
                models |= library_followed.models(following)
            case _:
                pass
        for name in profile.contracts:
            body = program.body_of(name)
            assert body is not None
            models[name] = models[body] = _taken_away
        traits = {**TRAIT_MODELS, **self.tasks.traits(), **self.elements.traits()}
        bound = {profile.operation_trait: operation.implementor}
        self.machine = Machine(program, panic, models, traits, bound, self.obligations)
        self.ghosts = _ghosts(operation, hypotheses)

    @property
    def constants(self) -> tuple[Variable, ...]:
        """What stays the same for ever, whatever it is."""
        handed_over = (HANDED_OVER,) if self.tasks.is_handed_over == HANDED_OVER else ()
        answers = (Variable(name, BOOLEAN) for name in self.operation.answers)
        handles = (OWN, BORROWED) if self._has_handles else ()
        optional = (presence(name) for name in self.operation.optional)
        return (INDEX, *handed_over, *answers, *optional, *handles)

    @property
    def fixed(self) -> tuple[Variable, ...]:
        """Numbers that stay the same for ever, whatever they are, and of which no state tells."""
        areas = [one for name in self.operation.layouts for one in area_layout(name)]
        numbers = (Variable(f"{ANY}{name}", CODE) for name in self.operation.numbers)
        return (*element_layout(), *areas, *numbers)

    @property
    def new(self) -> tuple[Invocation, ...]:
        """The calls that make the operation."""
        return (self.following and self.operation.resumed) or self.operation.new

    def initial_roots(self) -> dict[int, Value]:
        """No end and no operation yet, two tasks, and nothing lent or registered."""
        handle = MOVED if self.operation.open else Opaque("the import")
        lent: dict[int, Value] = dict.fromkeys(self.host.leases, NONE)
        nothing: dict[int, Value] = {**lent, HANDLE: handle, OPERATION: MOVED, STORAGE: MOVED}
        nothing[LAST_CODE] = Opaque("no code")
        if self._has_handles:
            nothing[SHARED] = MOVED
        table = table_of(self.operation, self.program) if self.operation.is_table else MOVED
        return {**nothing, ELEMENTS: table, **self.tasks.roots()}

    def state(self, values: dict[int, Value]) -> State:
        """A state that an action starts from."""
        state = State()
        roots = {root: replaced(value, LAST, values[LAST_CODE]) for root, value in values.items()}
        state.objects = {SINK: MOVED, NO_SIZE: BYTES, STATIC: BYTES, **roots}
        state.names = {SINK: "a result", NO_SIZE: "an element without size", STATIC: "text", **ROOTS}
        host: dict[str, Term] = {one.name: one for one in self.host.kept}
        state.host = host | {name: Variable(name, start.sort) for name, start in self.ghosts.items()}
        state.statics.update(self.tasks.keys)
        for term in PRESUPPOSED:
            state.facts.presuppose(term)
        return state

    @property
    def _has_handles(self) -> bool:
        return Role.RESOURCE_DROP in self.operation.foreign.values()

    def argument(self, state: State, given: Argument, previous: Value = UNIT) -> Value:
        """What a client passes; forks over what it may be."""
        match given:
            case "&handle":
                return Pointer(HANDLE)
            case "handle":
                return state.take(Pointer(HANDLE))
            case "vec":
                vec = _vec(state)
                if self.following is not None:
                    self.following.vec_given(state, vec)
                return vec
            case "element":
                return ELEMENT
            case "operations":
                return Opaque("O")
            case "table":
                return Pointer(ELEMENTS)
            case "number":
                return Scalar(NUMBER)
            case "any":
                return Scalar(state.chosen("a number", USIZE))
            case "default":
                return FunctionPointer("client::default")
            case "previous":
                return previous
            case "filled":
                return self._filled(state, state.settle(previous))
            case "own":
                state.host["own"] = TRUE
                return Scalar(OWN)
            case "borrowed":
                return Scalar(BORROWED)
            case "bytes":
                return _bytes(state)
            case (of, (inner,)) if of == RC:
                return _shared(state, self.argument(state, inner, previous))
            case (of, fields):
                parts = [_list(state) if one == "list" else (self.argument(state, one, previous),) for one in fields]
                return Aggregate(of, tuple(one for part in parts for one in part))
            case _:
                raise NotModelled(f"the argument {given}")

    def _filled(self, state: State, buffer: Value) -> Value:
        """A buffer of which the client may have used any part."""
        if not isinstance(buffer, Aggregate) or buffer.type not in self.operation.cursors:
            raise NotModelled("a buffer that no cursors are named for")
        known, cursors = self.program.fields[buffer.type], self.operation.cursors[buffer.type]
        chosen = {name: state.chosen(name, USIZE) for name in dict.fromkeys(cursors) if not name.endswith(LENGTH)}
        if len(chosen) == len(cursors):
            for one, other in pairwise((*chosen.values(), room_of(state, buffer))):
                state.assume(fold("bvule", one, other))
        fields = zip(known, buffer.fields, strict=True)
        self.machine.trusted.add(f"a buffer of the client's: {buffer.type}")
        made = tuple(Scalar(chosen[name]) if name in chosen else value for name, value in fields)
        filled = Aggregate(buffer.type, made)
        if self.following is not None:
            self.following.made(state, filled)
        return filled

    def waker_context(self, state: State) -> Pointer:
        return Pointer(state.allocate(Aggregate("core::task::Context", (WAKER,)), "the context"))


def _tasks(profile: Profile, program: Program, host: Host) -> Tasks:
    match profile.tasks:
        case TaskAbi() as abi:
            return AbiTasks(abi, host)
        case TaskTable() as table:
            return TableTasks(table, program, profile.arbitrary, host)


def _host(operation: Operation, peer: Peer, hypotheses: Hypotheses) -> Host:
    if operation.kind is None or operation.end is None:
        return subtask_host(hypotheses, apart=Role.CALL_APART in operation.foreign.values())
    return end_host(Variant(operation.end, operation.kind, peer, Element.OTHER), hypotheses)


def _ghosts(operation: Operation, hypotheses: Hypotheses) -> dict[str, Literal]:
    """Words of the client and of what it heard, with what they are at first.

    `opened`: there was an end; `pinned`, `forgotten`: the operation; `asked`: it called the host; `waiting`: the last
    code that it heard was not applied yet; `own`: the operation has the own handle; `element`: whose it is; `consumed`:
    the element that was lent is gone; `unfinished`: a cancel left the lease open, as it only can without H1 or H2;
    `panicked`: user code did, at any time before.
    """
    found = dict.fromkeys(("opened", "pinned", "forgotten", "asked", "waiting", "panicked"), FALSE)
    if any(one.consumes for one in operation.callbacks.values()):
        found["consumed"] = FALSE
    if operation.kind is not Kind.STREAM and any(one.takes is not None for one in operation.callbacks.values()):
        found[one_element.WORD] = one_element.NO_ELEMENT
    if Role.RESOURCE_DROP in operation.foreign.values():
        found["own"] = FALSE
    if not (hypotheses.h1 and hypotheses.h2):
        found["unfinished"] = FALSE
    return found


def _vec(state: State) -> Value:
    if not isinstance(state.settle(state.objects[STORAGE]), Moved):
        raise NotModelled("a second block of the caller while the first lives")
    if not state.is_true(state.chosen("the caller's Vec has a block", BOOLEAN)):
        return EMPTY_VEC
    length, capacity = (state.chosen(name, USIZE) for name in ("length", "capacity"))
    state.assume(fold("bvule", length, capacity))
    state.assume(fold("bvule", capacity, LARGEST))
    state.objects[STORAGE] = block(GUESTS, capacity)
    return Aggregate(VEC, (Pointer(STORAGE), Scalar(length), Scalar(capacity)))


def _bytes(state: State) -> Value:
    """A `Box<[u8]>` of the caller's."""
    if not isinstance(state.settle(state.objects[STORAGE]), Moved):
        raise NotModelled("a second block of the caller while the first lives")
    state.objects[STORAGE] = Aggregate(SLICE, (Pointer(STORAGE),))
    return boxed(Pointer(STORAGE))


def _list(state: State) -> tuple[Value, Value]:
    """A list of the host's, in a block that `cabi_realloc` gave it: its address and its length."""
    if state.is_true(state.chosen("the list is empty", BOOLEAN)):
        return Dangling(), Scalar(Literal(0, USIZE))
    length = state.chosen("the length of the host's list", USIZE)
    state.assume(negation(fold("=", length, Literal(0, USIZE))))
    return Pointer(state.allocate(block(LIST, length), "block of the host's list")), Scalar(length)


def _shared(state: State, value: Value) -> Value:
    """An `Rc` of a value of which the caller may have more."""
    state.objects[SHARED] = value
    return Aggregate(RC, (Pointer(SHARED),))


def _taken_away(_machine: Machine, _state: State, _call: Call) -> Value:
    """A contract: what it was given is no longer the client's."""
    return UNIT
