"""A component to its world: the top component is instantiated once, with imports from the host (rule G2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from extract.subject import SubjectFile
from extract.wasm import limits
from extract.wasm.canonical import Canonicals
from extract.wasm.component import read_component
from extract.wasm.component_evaluation import Evaluation
from extract.wasm.component_scope import ComponentClosure, ComponentFunction, InstanceValue, Resource
from extract.wasm.types import TypeStore
from extract.wasm.world import Defined, FromCanon, World


def world_of_component(subject: SubjectFile) -> World:
    """Reads and evaluates the component of a file. Raises InputError."""
    store = TypeStore()
    component = read_component(subject.data, 0, len(subject.data), subject.path, store)
    evaluation = Evaluation(subject.path)
    evaluation.instantiate(ComponentClosure(component, None, {}, ""), None, "", component.offset)
    _name_exports(evaluation.canonicals, reversed(evaluation.instances))
    return World(
        subject=subject,
        is_component=True,
        store=store,
        instances=tuple(evaluation.core.instances),
        canons=evaluation.canonicals.named(),
        destructors=tuple(evaluation.destructors),
        foreign=tuple(evaluation.core.foreign),
        names=_function_names(evaluation.canonicals),
    )


def _name_exports(canonicals: Canonicals, instances: Iterable[InstanceValue]) -> None:
    """Names lifts and resources by the exports of the file, `instance#name`, else by those of its components.

    `instances`: of components, outer before inner. Breadth first, each instance once: the shortest name wins.
    """
    seen: set[InstanceValue] = set()
    left = limits.MAX_EVALUATED_BYTES
    for root in instances:
        waiting = deque([(root, "")])
        while waiting:
            instance, prefix = waiting.popleft()
            if instance in seen:
                continue
            seen.add(instance)
            for name, (_, entity) in instance.exports.items():
                full = f"{prefix}#{name}" if prefix else name
                left -= len(full)
                if left < 0:
                    return  # names are for people: none has use for this many
                match entity:
                    case ComponentFunction(FromCanon() as lift):
                        canonicals.lift_names.setdefault(lift, full)
                    case Resource():
                        canonicals.resource_names.setdefault(entity, full)
                    case InstanceValue():
                        waiting.append((entity, full))
                    case _:
                        pass


def _function_names(canonicals: Canonicals) -> dict[Defined, str]:
    names: dict[Defined, str] = {}
    for lift in canonicals.lifts():
        name = canonicals.lift_names.get(FromCanon(lift.number))
        if name and isinstance(lift.core, Defined):
            names.setdefault(lift.core, name)
    return names
