"""What a call's arguments are: by the roles that were given, else by how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smt_models.pools.calls import Call
from smt_models.pools.pool import Pool
from smt_models.system.terms import FALSE, Term, choose
from smt_models.wasm.build import make, number, width_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What an allocating call asks for: the old block (None: there is none), alignment (None: none), size. `huge`: it
    is more than an address can have; the size is then the largest number.
    """

    old: tuple[Term, Term] | None
    alignment: Term | None
    size: Term
    huge: Term = FALSE


def asked_of(pool: Pool, parameters: Mapping[str, Term], unit: int) -> Asked | None:
    """None if it is not known how much. `unit`: of what is counted."""
    fixed = None if pool.alignment is None else number(pool.alignment, 32)
    given = None if (element := pool.element_everywhere) is None else number(element, 32)
    size = parameters.get("size", given)
    huge: Term = FALSE
    if (count := parameters.get("count")) is not None:
        most = ((1 << 32) - 1) // unit
        huge = make("bvult", number(most, 32), count)
        size = choose(huge, number((1 << 32) - 1, 32), make("bvmul", count, number(unit, 32)))
    if size is None:
        return None
    old, old_size = parameters.get("old"), parameters.get("old_size")
    pair = None if old is None or old_size is None else (old, old_size)
    return Asked(pair, parameters.get("align", fixed), size, huge)


BY_COUNT = {4: ("old", "old_size", "align", "size"), 2: ("size", "align"), 1: ("size",), 0: ()}


def parameters_of(pool: Pool, call: Call) -> dict[str, Term]:
    """What each argument is, by the call's role. Raises LookupError if that is not known."""
    arguments = call.execution.start.arguments
    role = next((one for one in (*pool.allocate, *pool.release, *pool.reset) if one.export == call.name), None)
    if role is None:
        named = next((one for one in pool.access if one.export == call.name), None)
        names: tuple[str, ...] | None = () if named is None else named.parameters or ()
    elif role.parameters is not None:
        names = role.parameters
    elif role in pool.allocate:
        names = BY_COUNT.get(len(arguments))
    else:
        names = ("pointer" if role in pool.release else "mark",) if arguments else ()
    if names is None or len(names) > len(arguments):
        raise LookupError(f"{call.name}: {len(arguments)} parameters, of which it is not known what they are")
    found: dict[str, Term] = {}
    for name, argument in zip(names, arguments, strict=False):
        if name not in (*KNOWN, ANY_NUMBER) or name in found:
            raise LookupError(f"{call.name}: what its parameter {name} is, is not known, or it is named twice")
        if name == ANY_NUMBER:
            continue
        if argument is None or width_of(argument) != 32:
            raise LookupError(f"{call.name}: its parameter {name} is no i32")
        found[name] = argument
    if "count" in found and "size" in found:
        raise LookupError(f"{call.name}: what its parameter size is beside a count, is not known")
    return found


KNOWN = ("old", "old_size", "align", "size", "count", "pointer", "mark", "index")
ANY_NUMBER = "value"
"""Of a parameter that says nothing of blocks, of any type."""
