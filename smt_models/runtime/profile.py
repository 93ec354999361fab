"""Which functions of a runtime are the host's, the user's, the client's: data, checked against the program."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from smt_models.host.variants import End, Kind
from smt_models.runtime.program import Program

PROFILES = Path(__file__).parent / "profiles"


class ProfileError(ValueError):
    """A profile that names what the program does not have."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One implementor of the operation trait. Methods of `element_trait` are built-ins and user code."""

    name: str
    implementor: str
    kind: Kind
    end: End
    handle_type: str
    future: str
    new: str
    cancel: str
    element_trait: str
    copy: str
    cancel_copy: str
    answers: tuple[str, ...]
    layout: str
    callbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    operation_trait: str
    apply: str
    task_set: str
    task: str
    task_prefix: str
    arbitrary: Mapping[str, tuple[str, ...]]
    operations: tuple[Operation, ...]

    def operation(self, name: str) -> Operation:
        """KeyError if there is none."""
        return {one.name: one for one in self.operations}[name]


def load_profile(path: Path = PROFILES / "wit-bindgen.toml") -> Profile:
    with path.open("rb") as file:
        data = tomllib.load(file)
    operations = tuple(
        Operation(
            name=name,
            kind=Kind(given.pop("kind")),
            end=End(given.pop("end")),
            answers=tuple(given.pop("answers")),
            callbacks=tuple(given.pop("callbacks")),
            **given,
        )
        for name, given in data.pop("operations").items()
    )
    arbitrary = {name: tuple(fields) for name, fields in data.pop("arbitrary").items()}
    return Profile(operations=operations, arbitrary=arbitrary, **data)


def check_profile(profile: Profile, program: Program) -> None:
    """ProfileError with every name that is not there."""
    missing = [name for name in (profile.task_set,) if name not in program.foreign]
    missing += [name for name in (profile.task_prefix, profile.task) if name not in program.fields]
    for of, fields in profile.arbitrary.items():
        missing += [f"{of}.{one}" for one in fields if one not in program.fields.get(of, ())]
    for one in profile.operations:
        if (one.implementor, profile.operation_trait) not in program.implementations:
            missing.append(f"impl {profile.operation_trait} for {one.implementor}")
        for path in (one.new, one.cancel):
            owner, _, method = path.rpartition("::")
            if (owner, method) not in program.methods:
                missing.append(path)
        missing += [name for name in (one.handle_type, one.future) if name not in program.fields]
        if (one.future, "future::Future") not in program.implementations:
            missing.append(f"impl Future for {one.future}")
        methods = (one.copy, one.cancel_copy, one.layout, *one.answers, *one.callbacks)
        missing += [f"{one.element_trait}::{m}" for m in methods if m not in program.traits.get(one.element_trait, ())]
    if missing:
        raise ProfileError(f"the profile names what the program does not have: {', '.join(missing)}")
