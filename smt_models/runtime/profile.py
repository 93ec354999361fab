"""Which functions of a runtime are the host's, the user's, the client's: data, checked against the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from smt_models.host.variants import End, Kind
from smt_models.runtime.program import Program

RC = "alloc::rc::Rc"
LENGTH = ".len"
"""After the name of a field that is a `Vec`: the number is its length."""

ASYNC = "[async-lower]"
"""In front of the name that a function links to: it is called with the `async` option."""


class ProfileError(ValueError):
    """A profile that cannot be read, or that names what the program does not have."""


class Role(Enum):
    """What a built-in is for. `call`: parameters and results are in the block that the last argument names.
    `call-apart`: the last but one names the parameters. `resource-drop`: of a handle among the parameters.
    """

    COPY = "copy"
    CALL = "call"
    CALL_APART = "call-apart"
    RESOURCE_DROP = "resource-drop"
    CANCEL = "cancel"
    DROP = "drop"


class Access(Enum):
    """What user code does with the memory that its last argument points at."""

    NONE = "none"
    READS = "reads"
    WRITES = "writes"


class Held(Enum):
    """Whose the element in the memory is: the guest's, or the host's, which leaves to the guest what it copied from."""

    OURS = "ours"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Callback:
    """User code on elements. `gives`: its result is an element, to be dropped. `consumes`: what the memory held is
    afterwards gone, so that it must not happen twice. `after`: what the host must have told of a subtask before.
    `lowers`: its result is the element as the host has it, to be written to memory.
    """

    access: Access = Access.NONE
    gives: bool = False
    lowers: bool = False
    takes: Held | None = None
    """What an element must be, and is not afterwards."""
    consumes: bool = False
    after: str | None = None


Argument = str | tuple[str, tuple["Argument", ...]]
"""`&handle`, `handle`, `vec`, `element`, `operations`, `table`, `number`, `any`, `default`, `previous`, `own`,
`borrowed`, `bytes`; a struct with its fields, or a tuple, whose name is `()`, or an `Rc` with what it shares. `list`,
its address and its length, stands for two fields."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a client calls, with what."""

    function: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One implementor of the operation trait. `kind` and `end` are None for a subtask.

    `open`: the calls that make what the client holds, of type `handle_type`; without one it is opaque. `new`: those
    that make the operation. `built_ins`: methods of `element_trait`; `foreign`: functions by the name that they link
    to, but for `[async-lower]` in front. `sizes`: type parameters whose size and alignment are asked for.
    `answers`, `layouts`, `numbers`: methods that give a constant truth value, any layout, any number; associated
    constants are named here too. If `is_table`, `element_trait` is a struct with a function in each of these fields
    instead, and `optional` names the fields that may be None, for ever.
    """

    name: str
    implementor: str
    kind: Kind | None
    end: End | None
    handle_type: str
    future: str
    open: tuple[Invocation, ...]
    new: tuple[Invocation, ...]
    cancel: str | None
    element_trait: str
    built_ins: Mapping[str, Role]
    foreign: Mapping[str, Role]
    callbacks: Mapping[str, Callback]
    answers: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    is_table: bool = False
    optional: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    results: Argument | None = None
    """Of a call, what the host writes to the results area when it returns."""
    arbitrary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields of types whose numbers no obligation of memory needs; `small`: that have a few values only. `cursors`:
    those that divide a buffer, from left to right: the last says where its elements end. `VEC.len` is the length of a
    field that is a `Vec`."""
    cursors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that say how many elements of a buffer are lent. If there are none, as many are lent as may be."""
    memory: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields of types with cursors that have the block of the elements: in the guest's form, in the host's."""
    lifted_from: str | None = None
    """The type that has the memory which elements are read to if they have to be lifted into the client's `Vec`."""
    resumed: tuple[Invocation, ...] = ()
    """Calls that make the operation of a buffer that was used before, where elements are followed: by default `new`."""
    taken_back: tuple[Invocation, ...] = ()
    """Calls by which the client has the elements of such a buffer back."""
    leaves: str | None = None
    """The answer that says that something is left to free of an element that the host took: always, without one."""
    small: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zero_alloc: bool = True
    """Whether plain numbers are lent without an allocation: not where the memory is the caller's block."""
    scalar: str | None = None
    """The answer that says that elements are plain numbers, or the optional function that is there if they are not."""

    @property
    def says_whose(self) -> bool:
        """Whether whose an element of a buffer is can be followed."""
        return bool(self.cursors) or self.lifted_from is not None


@dataclass(frozen=True, slots=True)
class TaskAbi:
    """Tasks of the C ABI: the foreign function that sets the current one; the type of its first generation, `prefix`,
    and of the second, which begins with the first: None if the runtime knows only one.
    """

    set: str
    prefix: str
    type: str | None


@dataclass(frozen=True, slots=True)
class TaskTable:
    """Tasks that are shared by `Rc`, each with a table of the places that codes go to: functions, and the type.
    `entries`: its field with the table, an array of cells, each with an `entry` or none; `waitable`, `place`: of an
    entry. `join`: the host's.
    """

    type: str
    current: str
    register: str
    unregister: str
    entries: str
    entry: str
    waitable: str
    place: str
    join: str
    deliver: str


@dataclass(frozen=True, slots=True)
class Profile:
    """`contracts`: functions that are taken at their word, which is that they take their arguments away."""

    operation_trait: str
    apply: str
    tasks: TaskAbi | TaskTable
    arbitrary: Mapping[str, tuple[str, ...]]
    contracts: tuple[str, ...]
    operations: tuple[Operation, ...]

    def operation(self, name: str) -> Operation:
        """KeyError if there is none."""
        return {one.name: one for one in self.operations}[name]


def profile_of(data: dict[str, Any]) -> Profile:
    """KeyError, TypeError or ValueError if the data is not as documented."""
    operations = tuple(_operation(name, given) for name, given in data.pop("operations").items())
    arbitrary = _fields(data.pop("arbitrary", {}))
    contracts = tuple(data.pop("contracts", ()))
    tasks = _tasks(data)
    return Profile(operations=operations, arbitrary=arbitrary, contracts=contracts, tasks=tasks, **data)


def _tasks(data: dict[str, Any]) -> TaskAbi | TaskTable:
    if "tasks" in data:
        return TaskTable(**data.pop("tasks"))
    return TaskAbi(data.pop("task_set"), data.pop("task_prefix"), data.pop("task", None))


def _operation(name: str, given: dict[str, Any]) -> Operation:
    waitable = given.pop("waitable")
    end = given.pop("end", None)
    return Operation(
        name=name,
        kind=None if waitable == "subtask" else Kind(waitable),
        end=None if end is None else End(end),
        open=_invocations(given.pop("open", ())),
        new=_invocations(given.pop("new")),
        resumed=_invocations(given.pop("resumed", ())),
        taken_back=_invocations(given.pop("taken_back", ())),
        cancel=given.pop("cancel", None),
        built_ins=_roles(given.pop("built_ins", {})),
        foreign=_roles(given.pop("foreign", {})),
        callbacks={method: _callback(one) for method, one in given.pop("callbacks").items()},
        answers=tuple(given.pop("answers", ())),
        layouts=tuple(given.pop("layouts", ())),
        numbers=tuple(given.pop("numbers", ())),
        optional=tuple(given.pop("optional", ())),
        sizes=tuple(given.pop("sizes", ())),
        arbitrary=_fields(given.pop("arbitrary", {})),
        cursors=_fields(given.pop("cursors", {})),
        lent=_fields(given.pop("lent", {})),
        memory=_fields(given.pop("memory", {})),
        small=_fields(given.pop("small", {})),
        results=_argument(given.pop("results")) if "results" in given else None,
        **given,
    )


def _fields(given: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(fields) for name, fields in given.items()}


def _roles(given: Mapping[str, str]) -> dict[str, Role]:
    return {name: Role(role) for name, role in given.items()}


def _callback(given: dict[str, Any]) -> Callback:
    takes = Held(given.pop("takes")) if "takes" in given else None
    return Callback(access=Access(given.pop("access", "none")), takes=takes, **given)


def _invocations(given: Any) -> tuple[Invocation, ...]:
    """One call, or several, each of which is given the result of the one before."""
    return (_invocation(given),) if isinstance(given, Mapping) else tuple(_invocation(one) for one in given)


def _invocation(given: Mapping[str, Any]) -> Invocation:
    return Invocation(given["call"], tuple(_argument(one) for one in given["arguments"]))


def _argument(given: Any) -> Argument:
    if isinstance(given, str):
        return given
    if "shared" in given:
        return RC, (_argument(given["shared"]),)
    return given["struct"], tuple(_argument(one) for one in given["fields"])


def check_profile(profile: Profile, program: Program) -> None:
    """ProfileError with every name that is not there. An operation may be there that the profile does not name."""
    missing = _missing_of_tasks(profile.tasks, program)
    missing += [name for name in profile.contracts if program.body_of(name) is None]
    numbers = [*profile.arbitrary.items()]
    for one in profile.operations:
        numbers += [*one.arbitrary.items(), *one.cursors.items(), *one.lent.items(), *one.small.items()]
        numbers += one.memory.items()
    for of, fields in numbers:
        named = [name.removesuffix(LENGTH) for name in fields]
        missing += [f"{of}.{name}" for name in named if name not in program.fields.get(of, ())]
    for one in profile.operations:
        missing += _missing(profile, one, program)
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise ProfileError(f"the profile names what the program does not have: {names}")


def _missing_of_tasks(tasks: TaskAbi | TaskTable, program: Program) -> list[str]:
    match tasks:
        case TaskAbi(set_, prefix, type_):
            missing = [set_] if set_ not in program.foreign else []
            return missing + [name for name in (prefix, type_) if name and name not in program.fields]
        case TaskTable(type_, current, register, unregister, entries, entry, waitable, place, join, deliver):
            named = {type_: (entries,), entry: (waitable, place)}
            missing = [of for of in named if of not in program.fields]
            missing += [] if join in program.foreign else [join]
            missing += [
                f"{of}.{one}"
                for of, fields in named.items()
                for one in fields
                if one not in program.fields.get(of, fields)
            ]
            return missing + [
                name for name in (current, register, unregister, deliver) if program.body_of(name) is None
            ]


def _missing(profile: Profile, one: Operation, program: Program) -> list[str]:
    missing: list[str] = []
    if (one.implementor, profile.operation_trait) not in program.implementations:
        missing.append(f"impl {profile.operation_trait} for {one.implementor}")
    if (one.future, "future::Future") not in program.implementations:
        missing.append(f"impl Future for {one.future}")
    called = [call.function for call in (*one.open, *one.new, *one.resumed, *one.taken_back)]
    called += [one.cancel] if one.cancel else []
    missing += [path for path in called if program.body_of(path) is None]
    missing += [name for name in (one.handle_type, one.future) if name and name not in program.fields]
    missing += [one.lifted_from] if one.lifted_from and one.lifted_from not in program.fields else []
    links = {link.removeprefix(ASYNC) for link in program.foreign.values()}
    missing += [f"the foreign function {link}" for link in one.foreign if link not in links]
    methods = (*one.built_ins, *one.callbacks, *one.answers, *one.layouts, *one.numbers, *one.optional)
    known = (program.fields if one.is_table else program.traits).get(one.element_trait, ())
    return missing + [f"{one.element_trait}::{method}" for method in methods if method not in known]
