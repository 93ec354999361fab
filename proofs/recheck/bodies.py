"""Goes over the bodies of every instantiated module once, and tells apart what members do from what any body does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proofs.recheck.cores import Helpers, Work, events_on_cores
from proofs.recheck.scan import Events, decode, events_of, united
from proofs.recheck.world import CoreInstance, World

Members = Mapping[int, frozenset[int]]  # instance to function indices


@dataclass(frozen=True, slots=True)
class Seen:
    """Events by number of the core instance: of all bodies, and of the members alone."""

    everywhere: Mapping[int, Events]
    members: Mapping[int, Events]


def go_over(data: bytes, world: World, members: Members, helpers: Helpers | None = None) -> Seen:
    """`helpers`: which have begun with the one module that is there (`ahead.py`)."""
    everywhere: dict[int, Events] = {}
    of_members: dict[int, Events] = {}
    by_module: dict[int, list[CoreInstance]] = {}
    for instance in world.instances:
        by_module.setdefault(instance.module.start_offset, []).append(instance)
    for instances in by_module.values():
        module = instances[0].module
        held = [members.get(i.number, frozenset()) for i in instances]
        groups, membership = groups_of(module.imported_functions, len(module.bodies), held)
        work = Work(data, module.bodies, groups)
        events = events_on_cores(work) if helpers is None else helpers.share(work)
        decoded = {group: decode(found) for group, found in events.items()}
        all_events = united(tuple(decoded.values()))
        for position, instance in enumerate(instances):
            everywhere[instance.number] = all_events
            mine = [found for group, found in decoded.items() if position in membership[group]]
            of_members[instance.number] = united(mine)
    return Seen(everywhere, of_members)


def groups_of(first: int, count: int, members: list[frozenset[int]]) -> tuple[list[int], list[frozenset[int]]]:
    """Groups so many functions, from the first on, by the instances in which they are members: the group of each, the
    instances of each.
    """
    keys: list[tuple[int, ...]] = [()] * count
    for position, held in enumerate(members):
        alone = (position,)
        for index in held:
            keys[index - first] += alone
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [numbers[key] for key in keys], [frozenset(key) for key in numbers]


def first_member(data: bytes, instance: CoreInstance, members: frozenset[int], holds: Callable[[Events], bool]) -> str:
    """Names, for a message, the first member whose body holds something."""
    start = instance.module.imported_functions
    for index in sorted(members):
        body = instance.module.bodies[index - start]
        if holds(decode(events_of(data, body))):
            return f"core instance {instance.number}, function {index}, body at {body[0]:#x}"
    raise AssertionError("no member holds what the members hold")
