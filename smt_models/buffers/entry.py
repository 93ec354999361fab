"""How calls begin: what is passed, as far as types and the host's rules say it."""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir import types as t
from smt_models.buffers.cuts import BUFFER, CALL
from smt_models.buffers.handed import element_type, is_payload, making, may_be_unset, using
from smt_models.buffers.heap import BLOCK, LAYOUT, any_layout, block_of, start_of
from smt_models.buffers.hypothesis import fitting
from smt_models.buffers.supposed import Elements
from smt_models.buffers.vectors import FORM, VECTOR, any_form, any_vector, as_in_memory
from smt_models.pools.pool import ALIGNMENTS, MOST_BYTES
from smt_models.runtime.names import closure_name, plain_type
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.machine import Machine
from smt_models.static_pools.state import State
from smt_models.static_pools.values import WIDTH, NotModelled, Pointer, Scalar, Struct, Value
from smt_models.system.operators import BitVec
from smt_models.system.terms import either, equal, negation
from smt_models.wasm.build import make, number

OLD = f"{BLOCK} a"


@dataclass(frozen=True, slots=True)
class Begun:
    """`given`: the numbers that are passed, by the names of the parameters, for people."""

    state: State
    given: tuple[tuple[str, Value], ...]


def call_of(state: State, machine: Machine, entry: str, owner: str, inputs: Inputs, elements: Elements) -> Begun | None:
    """Into a function of a type: the value that the calls are about, where a parameter asks for one, else any value of
    the type. None where one is asked for and there is none, or the other way round. Raises NotModelled.
    """
    function = machine.program.functions[entry]
    wanted = [one for one in function.parameters if _is_owner(one, owner)]
    if bool(wanted) != (BUFFER in state.objects):
        return None
    if len(wanted) > 1:
        raise NotModelled(f"two values of {owner} in {entry}")
    state = state.fork()
    given: list[tuple[str, Value]] = []
    values: list[Value] = []
    for place, of in enumerate(function.parameters, 1):
        name = function.body.name_of(place) or f"argument {place}"
        if _is_owner(of, owner):
            values.append(_taken(state, of))
            continue
        values.append(_any(state, of, name, inputs))
        given.append((name, values[-1]))
    forms = [one for one in values if isinstance(one, Struct) and one.type == FORM]
    vectors = [one for of, one in zip(function.parameters, values, strict=True) if _is_of_elements(of)]
    state.condition = (
        *state.condition,
        *(as_in_memory(state, form, vector) for vector in vectors for form in forms),
        *(() if elements is Elements.ANY else fitting((*forms, *vectors))),
    )
    if elements is Elements.COUNTED:
        using(state, entry, tuple(one for _, one in given)) if wanted else making(
            state, function.parameters, tuple(values)
        )
    machine.enter(state, entry, tuple(values))
    return Begun(state, tuple(given))


def _is_of_elements(of: t.Type) -> bool:
    """A vector of what a form is of."""
    held = element_type(of)
    return is_payload(held) or may_be_unset(held)


def _is_owner(of: t.Type, owner: str) -> bool:
    match of:
        case t.Reference(_, _, target):
            return _is_owner(target, owner)
        case t.PathType():
            return plain_type(of) == owner
        case _:
            return False


def _taken(state: State, of: t.Type) -> Value:
    """By reference it stays where it is; else it is the function's from now on."""
    match of:
        case t.Reference(_, _, t.PathType()):
            return Pointer(BUFFER)
        case t.PathType():
            return state.objects.pop(BUFFER)
        case _:
            raise NotModelled("a reference to a reference")


def _any(state: State, of: t.Type, name: str, inputs: Inputs) -> Value:
    match of:
        case t.PathType() if plain_type(of) == LAYOUT:
            return any_layout(state, name)
        case t.PathType() if plain_type(of) == VECTOR:
            return any_vector(state, name)
        case t.PathType() if inputs.is_parameter(plain_type(of)):
            return any_form(state, name)  # what asks for another trait of it finds no model
        case t.Closure(_, span):
            return Struct(closure_name(span), ())
        case _:
            return inputs.any_of(state, of, name)


def realloc_of(machine: Machine, entry: str, fresh: bool) -> Begun:
    """As a conforming host calls it [CanonicalABI.md: realloc]: with nothing before (`fresh`), or with a block that
    it was given, of the size and alignment that it asked for. Then it wants some bytes.
    """
    state = State()
    names = ("old_ptr", "old_len", "align", "new_len")
    old, size, alignment, new = (state.fresh(name, BitVec(WIDTH)) for name in names)
    zero = number(0, WIDTH)
    state.condition = (
        either(*(equal(alignment, number(one, WIDTH)) for one in ALIGNMENTS)),
        make("bvule", new, number(MOST_BYTES, WIDTH)),
        *(() if fresh else (make("bvule", size, number(MOST_BYTES, WIDTH)), negation(equal(size, zero)))),
        *((equal(size, zero), equal(old, zero)) if fresh else (negation(equal(new, zero)),)),
    )
    pointer: Value = Scalar(old)
    if not fresh:
        state.objects[OLD] = block_of(size, alignment)
        pointer = start_of(OLD)
    numbers = (Scalar(size), Scalar(alignment), Scalar(new))
    state.objects[CALL] = Struct(CALL, numbers)
    machine.enter(state, entry, (pointer, *numbers))
    given = tuple(zip(names, (pointer, *numbers), strict=True))
    return Begun(state, given)
