"""Which functions and types of a runtime make its task side: data, checked against the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smt_models.runtime.profile import ProfileError
from smt_models.runtime.profile_files import read_profile
from smt_models.runtime.program import Program
from smt_models.runtime.task_shared_profile import SharedTaskProfile, check_shared_profile

TASK_PROFILES = Path(__file__).parent / "profiles" / "tasks"


@dataclass(frozen=True, slots=True)
class TaskProfile:
    """`generations`: of the C ABI of tasks, those that the crate has code for."""

    generations: tuple[int, ...]
    start: str
    callback: str
    wake: str
    task_set: str
    context_get: str
    context_set: str
    set_new: str
    set_join: str
    set_poll: str
    set_drop: str
    prefix: str
    task: str
    vtable: str
    shared: str
    map: str
    entry: str
    lock: str
    limits: tuple[str, ...]
    block_on: str | None = None
    set_wait: str | None = None


AnyTaskProfile = TaskProfile | SharedTaskProfile


def load_task_profile(path: Path) -> AnyTaskProfile:
    """ProfileError if it is not as documented."""
    data = read_profile(path)
    data.pop("describes")
    try:
        if "shared_tasks" in data:
            shared = data.pop("shared_tasks")
            limits = tuple(shared.pop("limits"))
            arbitrary = {of: tuple(fields) for of, fields in shared.pop("arbitrary", {}).items()}
            return SharedTaskProfile(limits=limits, arbitrary=arbitrary, **shared)
        generations, limits = (tuple(data.pop(key)) for key in ("generations", "limits"))
        return TaskProfile(generations=generations, limits=limits, **data)
    except (KeyError, TypeError) as error:
        raise ProfileError(f"{path}: {error!r}") from error


def check_task_profile(profile: AnyTaskProfile, program: Program) -> None:
    """ProfileError with every name that is not there."""
    match profile:
        case TaskProfile():
            _check(profile, program)
        case SharedTaskProfile():
            check_shared_profile(profile, program)


def _check(profile: TaskProfile, program: Program) -> None:
    built_in = (profile.task_set, profile.context_get, profile.context_set)
    of_sets: tuple[str, ...] = (profile.set_new, profile.set_join, profile.set_poll, profile.set_drop)
    if (profile.block_on is None) is not (profile.set_wait is None):
        raise ProfileError("the profile has one of `block_on` and `set_wait`, and not the other")
    of_sets += () if profile.set_wait is None else (profile.set_wait,)
    missing = [name for name in (*built_in, *of_sets) if name not in program.foreign]
    entries = (profile.start, profile.callback, profile.block_on)
    missing += [name for name in entries if name is not None and name not in program.functions]
    types = (profile.prefix, profile.task, profile.vtable, profile.shared, profile.entry, profile.lock)
    missing += [name for name in types if name not in program.fields]
    needed = {
        profile.prefix: ("ptr", "waitable_register", "waitable_unregister"),
        profile.task: ("v1", "vtable"),
        profile.vtable: ("waitable_register", "waitable_unregister", "clone", "drop"),
        profile.shared: (profile.map,),
        profile.entry: ("callback", "callback_ptr"),
        profile.lock: ("data",),
    }
    for of, fields in needed.items():
        missing += [f"{of}.{one}" for one in fields if one not in program.fields.get(of, ())]
    if (profile.shared, "task::Wake") not in program.implementations:
        missing.append(f"impl Wake for {profile.shared}")
    if missing:
        raise ProfileError(f"the profile names what the program does not have: {', '.join(missing)}")
