"""Which functions of a runtime make its tasks, where these are objects that are shared: data, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smt_models.runtime.profile import ProfileError
from smt_models.runtime.program import Program


@dataclass(frozen=True, slots=True)
class SharedTaskProfile:
    """A task is an object shared by `Rc`, with a table of the places that codes go to: an array of cells, each with an
    entry or none. `limits`: functions whose panics are documented limits.
    `key`: of the thread's current task.
    """

    type: str
    entries: str
    entry: str
    waitable: str
    place: str
    create: str
    register: str
    unregister: str
    deliver: str
    current: str
    enter: str
    key: str
    set_new: str
    set_join: str
    set_drop: str
    limits: tuple[str, ...]
    arbitrary: Mapping[str, tuple[str, ...]]
    generations: tuple[int, ...] = (0,)


def check_shared_profile(profile: SharedTaskProfile, program: Program) -> None:
    """ProfileError with every name that is not there."""
    of_host = (profile.set_new, profile.set_join, profile.set_drop)
    missing = [name for name in of_host if name not in program.foreign]
    called = (profile.create, profile.register, profile.unregister, profile.deliver, profile.current, profile.enter)
    missing += [] if profile.key in program.constants else [profile.key]
    missing += [name for name in (*called, *profile.limits) if program.body_of(name) is None]
    needed = {profile.type: (profile.entries,), profile.entry: (profile.waitable, profile.place), **profile.arbitrary}
    for of, fields in needed.items():
        missing += [f"{of}.{one}" for one in fields if one not in program.fields.get(of, ())]
    if missing:
        raise ProfileError(f"the profile names what the program does not have: {', '.join(missing)}")
