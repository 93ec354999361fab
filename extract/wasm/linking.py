"""A component to its world: the top component is instantiated once, with imports from the host (rule G2)."""

from __future__ import annotations

from collections import deque

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
    top = evaluation.instantiate(ComponentClosure(component, None, {}, ""), None, "", component.offset)
    _name_exports(evaluation.canonicals, top)
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


def _name_exports(canonicals: Canonicals, top: InstanceValue) -> None:
    """Names lifts and resources by the file's exports, `instance#name`, over the names that nested components gave.

    Breadth first, each instance once: the shortest name wins, and shared instances cost nothing.
    """
    lifts: dict[FromCanon, str] = {}
    resources: dict[Resource, str] = {}
    seen = {top}
    waiting = deque([(top, "")])
    left = limits.MAX_EVALUATED_BYTES
    while waiting:
        instance, prefix = waiting.popleft()
        for name, (_, entity) in instance.exports.items():
            full = f"{prefix}#{name}" if prefix else name
            left -= len(full)
            if left < 0:
                return  # names are for people: none has use for this many
            match entity:
                case ComponentFunction(FromCanon() as lift):
                    lifts.setdefault(lift, full)
                case Resource():
                    resources.setdefault(entity, full)
                case InstanceValue() if entity not in seen:
                    seen.add(entity)
                    waiting.append((entity, full))
                case _:
                    pass
    canonicals.lift_names.update(lifts)
    canonicals.resource_names.update(resources)


def _function_names(canonicals: Canonicals) -> dict[Defined, str]:
    names: dict[Defined, str] = {}
    for lift in canonicals.lifts():
        name = canonicals.lift_names.get(FromCanon(lift.number))
        if name and isinstance(lift.core, Defined):
            names.setdefault(lift.core, name)
    return names
