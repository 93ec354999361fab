"""Which functions of a runtime are the host's, the user's, the client's: data, checked against the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from smt_models.host.variants import End, Kind
from smt_models.runtime.program import Program


class ProfileError(ValueError):
    """A profile that cannot be read, or that names what the program does not have."""


class Role(Enum):
    """What a built-in is for."""

    COPY = "copy"
    CALL = "call"
    CANCEL = "cancel"
    DROP = "drop"


class Access(Enum):
    """What user code does with the memory that its last argument points at."""

    NONE = "none"
    READS = "reads"
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Callback:
    """User code on elements. `gives`: its result is an element, to be dropped. `consumes`: what the memory held is
    afterwards gone, so that it must not happen twice. `after`: what the host must have told of a subtask before.
    """

    access: Access = Access.NONE
    gives: bool = False
    consumes: bool = False
    after: str | None = None


Argument = str | tuple[str, tuple["Argument", ...]]
"""`&handle`, `handle`, `vec`, `element`, `operations`, `table`, `number`, `default`, `previous`; or a struct with its
fields, or a tuple, whose name is `()`."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a client calls, with what."""

    function: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One implementor of the operation trait. `kind` and `end` are None for a subtask.

    `open`: the calls that make what the client holds, of type `handle_type`; without one it is opaque.
    `built_ins`: methods of `element_trait`; `foreign`: functions by the name that they link to.
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
    new: Invocation
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
    scalar: str | None = None
    """The answer that says that elements are plain numbers, or the optional function that is there if they are not."""


@dataclass(frozen=True, slots=True)
class Profile:
    """`contracts`: functions that are taken at their word, which is that they take their arguments away.

    `task_prefix`: the C ABI of tasks, its first generation. `task`: the second, which begins with the first; None if
    the runtime knows only one.
    """

    operation_trait: str
    apply: str
    task_set: str
    task_prefix: str
    arbitrary: Mapping[str, tuple[str, ...]]
    contracts: tuple[str, ...]
    operations: tuple[Operation, ...]
    task: str | None = None

    def operation(self, name: str) -> Operation:
        """KeyError if there is none."""
        return {one.name: one for one in self.operations}[name]


def profile_of(data: dict[str, Any]) -> Profile:
    """KeyError, TypeError or ValueError if the data is not as documented."""
    operations = tuple(_operation(name, given) for name, given in data.pop("operations").items())
    arbitrary = {name: tuple(fields) for name, fields in data.pop("arbitrary", {}).items()}
    contracts = tuple(data.pop("contracts", ()))
    return Profile(operations=operations, arbitrary=arbitrary, contracts=contracts, **data)


def _operation(name: str, given: dict[str, Any]) -> Operation:
    waitable = given.pop("waitable")
    end = given.pop("end", None)
    return Operation(
        name=name,
        kind=None if waitable == "subtask" else Kind(waitable),
        end=None if end is None else End(end),
        open=tuple(_invocation(one) for one in given.pop("open", ())),
        new=_invocation(given.pop("new")),
        cancel=given.pop("cancel", None),
        built_ins=_roles(given.pop("built_ins", {})),
        foreign=_roles(given.pop("foreign", {})),
        callbacks={method: _callback(one) for method, one in given.pop("callbacks").items()},
        answers=tuple(given.pop("answers", ())),
        layouts=tuple(given.pop("layouts", ())),
        numbers=tuple(given.pop("numbers", ())),
        optional=tuple(given.pop("optional", ())),
        **given,
    )


def _roles(given: Mapping[str, str]) -> dict[str, Role]:
    return {name: Role(role) for name, role in given.items()}


def _callback(given: dict[str, Any]) -> Callback:
    return Callback(access=Access(given.pop("access", "none")), **given)


def _invocation(given: Mapping[str, Any]) -> Invocation:
    return Invocation(given["call"], tuple(_argument(one) for one in given["arguments"]))


def _argument(given: Any) -> Argument:
    if isinstance(given, str):
        return given
    return given["struct"], tuple(_argument(one) for one in given["fields"])


def check_profile(profile: Profile, program: Program) -> None:
    """ProfileError with every name that is not there, or with every operation that no name is given for."""
    missing = [name for name in (profile.task_set,) if name not in program.foreign]
    missing += [name for name in (profile.task_prefix, profile.task) if name and name not in program.fields]
    missing += [name for name in profile.contracts if program.body_of(name) is None]
    for of, fields in profile.arbitrary.items():
        missing += [f"{of}.{one}" for one in fields if one not in program.fields.get(of, ())]
    for one in profile.operations:
        missing += _missing(profile, one, program)
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise ProfileError(f"the profile names what the program does not have: {names}")
    described = {one.implementor for one in profile.operations}
    every = {of for of, trait in program.implementations if trait == profile.operation_trait}
    if every - described:
        raise ProfileError(
            f"the program has operations that the profile does not name: {', '.join(sorted(every - described))}"
        )


def _missing(profile: Profile, one: Operation, program: Program) -> list[str]:
    missing: list[str] = []
    if (one.implementor, profile.operation_trait) not in program.implementations:
        missing.append(f"impl {profile.operation_trait} for {one.implementor}")
    if (one.future, "future::Future") not in program.implementations:
        missing.append(f"impl Future for {one.future}")
    called = [*(call.function for call in one.open), one.new.function, *([one.cancel] if one.cancel else [])]
    missing += [path for path in called if program.body_of(path) is None]
    missing += [name for name in (one.handle_type, one.future) if name and name not in program.fields]
    links = set(program.foreign.values())
    missing += [f"the foreign function {link}" for link in one.foreign if link not in links]
    methods = (*one.built_ins, *one.callbacks, *one.answers, *one.layouts, *one.numbers, *one.optional)
    known = (program.fields if one.is_table else program.traits).get(one.element_trait, ())
    return missing + [f"{one.element_trait}::{method}" for method in methods if method not in known]
