"""Checks a closed set: it holds every root, is closed under calls, and is free of the goal."""

from __future__ import annotations

from collections.abc import Iterable

from proofs.recheck.bodies import Members, first_member, go_over
from proofs.recheck.cores import Helpers
from proofs.recheck.dispatch import Dispatch, function_type
from proofs.recheck.faults import Refused
from proofs.recheck.graph_certificate import ClosedSet, Member
from proofs.recheck.module import Kind, Limits, Module
from proofs.recheck.names import named_functions
from proofs.recheck.references import References, references
from proofs.recheck.roots import allocator_entries, roots_by_name, roots_by_rule
from proofs.recheck.scan import Events
from proofs.recheck.wording import Obligation
from proofs.recheck.world import CanonicalFunction, CoreInstance, Function, HostFunction, TableDefinition, World

Asked = set[tuple[str, str]]  # (id, about) of the assumptions that a proof rests on


def check_closed_set(
    data: bytes, world: World, obligation: Obligation, evidence: ClosedSet, helpers: Helpers | None = None
) -> Asked:
    """Returns the assumptions asked for; raises `Refused` where the set is none, or not closed, or holds the goal.
    `helpers`: of `begun`.
    """
    members = _functions(world, evidence.members, "members")
    seen = go_over(data, world, members, helpers)
    known = references(world, seen.everywhere)
    if evidence.root_names is None:
        roots = roots_by_rule(obligation, world, known)
    else:
        roots = roots_by_name(evidence.root_names, data, world)
    if evidence.roots is not None:
        _equal_bodies(roots, world, _functions(world, evidence.roots, "roots"), "roots")
    elif not any(isinstance(root, tuple) for root in roots):
        raise Refused("subject: it has no root with a body, so that the claim is vacuous")
    goal = set[Function]()
    if evidence.goal is not None and evidence.goal_names is not None:
        goal = allocator_entries(evidence.goal_names, data, world)
        _equal_bodies(goal, world, _functions(world, evidence.goal, "goal"), "goal")
        _all_named(data, world, _all(world, members))
    inside = _all(world, members)  # most of what is reached, which `_Closure.instance` follows
    if goal:
        inside -= goal
    closure = _Closure(data, world, members, known, frozenset(goal), inside)
    for root in roots - inside:
        closure.reach(root, "a root")
    for instance in world.instances:
        closure.instance(instance, seen.members[instance.number], grow_is_goal=evidence.goal is None)
    if evidence.goal is None and not world.is_component:
        closure.asked |= {("host-memory", about) for _, about in host_memories(world.instances[0].module)}
    return closure.asked


def _functions(world: World, listed: Iterable[Member], what: str) -> Members:
    members: dict[int, frozenset[int]] = {}
    for member in listed:
        if member.instance >= len(world.instances):
            raise Refused(f"certificate, evidence.{what}: there is no core instance {member.instance}")
        module = world.instances[member.instance].module
        first, last = member.ranges[0][0], member.ranges[-1][1]
        if first < module.imported_functions or last >= len(module.functions):
            raise Refused(f"certificate, evidence.{what}: core instance {member.instance} does not define them all")
        members[member.instance] = frozenset(i for low, high in member.ranges for i in range(low, high + 1))
    return members


def _all(world: World, members: Members) -> frozenset[Function]:
    held = [world.instances[number].functions_at(found) for number, found in members.items()]
    return held[0] if len(held) == 1 else frozenset().union(*held)


def _equal_bodies(found: set[Function], world: World, listed: Members, what: str) -> None:
    said = _all(world, listed)
    if found == said:
        return
    for function in sorted([function for function in found ^ said if isinstance(function, tuple)]):
        side = "is missing" if function in found else "is none"
        raise Refused(f"certificate, evidence.{what}: core instance {function[0]}, function {function[1]} {side}")


def _all_named(data: bytes, world: World, members: frozenset[Function]) -> None:
    """T5: what an allocator is, its name says."""
    unnamed = members - {function for name, function in named_functions(data, world) if name}
    for function in sorted([function for function in unnamed if isinstance(function, tuple)]):
        raise Refused(f"subject: {_describe(function)} has no name, and may be an allocator entry")


class _Closure:
    """Follows edges out of the members; host and canonical functions are followed where they are met."""

    def __init__(
        self,
        data: bytes,
        world: World,
        members: Members,
        known: References,
        goal: frozenset[Function],
        inside: frozenset[Function],
    ) -> None:
        self.asked: Asked = set()
        self._data = data
        self._world = world
        self._members = members
        self._references = known
        self._goal = goal
        self._dispatch = Dispatch(world, known, inside)
        self._followed = set[CanonicalFunction]()
        self._dispatched = set[tuple[TableDefinition | None, int]]()
        self._spawned = False

    def reach(self, target: Function, origin: str) -> None:
        """Rules C1 to C4 and H1; `origin` for the message."""
        waiting = [target]
        while waiting:
            match waiting.pop():
                case function if function in self._goal:
                    raise Refused(f"{origin} leads to the goal: {_describe(function)}")
                case (instance, index):
                    if index not in self._members.get(instance, ()):
                        raise Refused(f"{origin} leads to core instance {instance}, function {index}: no member")
                case HostFunction(name):
                    self.asked.add(("host-function", name))
                case CanonicalFunction(number) as function:
                    self.asked.add(("canonical-builtins", ""))
                    if function not in self._followed:
                        self._followed.add(function)
                        canon = self._world.canons[number]
                        waiting.extend(canon.edges)
                        if canon.spawns and not self._spawned:
                            self._spawned = True
                            waiting.extend(self._references.functions)

    def instance(self, instance: CoreInstance, events: Events, grow_is_goal: bool) -> None:
        """Rules E1 to E6 for the members of one core instance."""
        members = self._members.get(instance.number, frozenset())
        if grow_is_goal and events.grows:
            place = first_member(self._data, instance, members, lambda e: e.grows)
            raise Refused(f"memory.grow in a member: {place}")
        for function in self._goal:
            if isinstance(function, tuple) and function[0] == instance.number and function[1] in members:
                raise Refused(f"the goal is a member: {_describe(function)}")
        for callee in events.calls - members:  # a member is none of the goal, and its own calls are among these
            self._call(instance, members, callee)
        for number, table in events.indirect:
            if table >= len(instance.tables):
                raise Refused(f"subject: core instance {instance.number} has no table {table}")
            self._indirect(instance, instance.tables[table], function_type(instance, number), f"table {table}")
        for number in events.by_reference:
            self._indirect(instance, None, function_type(instance, number), "a reference")

    def _call(self, instance: CoreInstance, members: frozenset[int], callee: int) -> None:
        if callee >= len(instance.module.functions):
            raise Refused(f"subject: core instance {instance.number} has no function {callee}")
        target = instance.function(callee)
        if target in self._goal or (isinstance(target, tuple) and target[1] not in self._members.get(target[0], ())):
            place = first_member(self._data, instance, members, lambda e: callee in e.calls)
            self.reach(target, f"the member at {place},")
        self.reach(target, f"a member of core instance {instance.number} that calls function {callee}")

    def _indirect(self, instance: CoreInstance, table: TableDefinition | None, number: int, through: str) -> None:
        origin = f"a member of core instance {instance.number} that calls through {through}"
        if self._dispatch.is_open(table):
            self.asked.add(("host-tables", ""))
        if (table, number) not in self._dispatched:
            self._dispatched.add((table, number))
            for target in self._dispatch.targets(table, number):
                self.reach(target, origin)


def _describe(function: Function) -> str:
    match function:
        case (instance, index):
            return f"core instance {instance}, function {index}"
        case HostFunction(name):
            return f"host function {name}"
        case CanonicalFunction(number):
            return f"canonical definition {number}"


def host_memories(module: Module) -> Iterable[tuple[int, str]]:
    """H2: each memory that the host can reach and that has room to grow, and its name."""
    imported = module.imported(Kind.MEMORY)
    for index, limits in enumerate(module.memories):
        if not _has_room(limits):
            continue
        if index < len(imported):
            yield index, f"{imported[index].module}.{imported[index].name}"
            continue
        yield from [(index, name) for name in module.names_of(Kind.MEMORY, index)[:1]]


def _has_room(limits: Limits) -> bool:
    return limits.maximum is None or limits.maximum > limits.minimum
