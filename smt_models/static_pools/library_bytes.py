"""Integers as their bytes, in an order that does not depend on the target [core::num: to_le_bytes, from_be_bytes].

Not of `usize` and `isize`, of which the text says how many bytes they have where it was made.
"""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.static_pools.library_numbers import TYPES
from smt_models.static_pools.machine import Call, Machine, Model
from smt_models.static_pools.state import State, term_of
from smt_models.static_pools.values import WIDTH, Array, Contents, NotModelled, Scalar, Value, bits
from smt_models.system.operators import BitVec
from smt_models.wasm.build import make, number


def _to_bytes(width: int, is_little: bool) -> Model:
    """ "Returns the memory representation of this integer as a byte array in little-endian byte order"."""

    def model(_machine: Machine, _state: State, call: Call) -> Value:
        term = term_of(call.arguments[0])
        lowest = range(0, width, 8)
        places = lowest if is_little else reversed(lowest)
        return Array(tuple(Scalar(make("extract", term, indices=(at + 7, at))) for at in places))

    return model


def _from_bytes(width: int, is_little: bool) -> Model:
    """ "Creates an integer value from its representation as a byte array in little endian"."""

    def model(_machine: Machine, state: State, call: Call) -> Value:
        match call.arguments[0]:
            case Array(elements) if len(elements) == width // 8:
                found, *rest = map(term_of, reversed(elements) if is_little else elements)
                for one in rest:
                    found = make("concat", found, one)
                return Scalar(found)
            case Contents(length, None) if length == number(width // 8, WIDTH):
                return Scalar(state.fresh("contents as a number", BitVec(width)))
            case other:
                raise NotModelled(f"a number of {type(other).__name__}")

    return model


def _of(name: str) -> dict[str, Model]:
    base, width = f"core::num::<impl {name}>", bits(name)
    return {
        f"{base}::to_le_bytes": _to_bytes(width, is_little=True),
        f"{base}::to_be_bytes": _to_bytes(width, is_little=False),
        f"{base}::from_le_bytes": _from_bytes(width, is_little=True),
        f"{base}::from_be_bytes": _from_bytes(width, is_little=False),
    }


BYTES: Mapping[str, Model] = {name: model for of in TYPES if not of.endswith("size") for name, model in _of(of).items()}
