"""What a counterexample passes, as Rust that makes it, with the numbers that it has on the machine that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from extract.mir import types as t
from smt_models.buffers.heap import LAYOUT
from smt_models.buffers.vectors import FORM, VECTOR
from smt_models.runtime.names import plain_type
from smt_models.static_pools.values import OPTION, Pointer, Scalar, Struct, Sum, Value, bits
from smt_models.system.operators import signed
from smt_models.system.terms import Term

WORD = 64
_ADDRESSES = ("usize", "isize")


class NotWritable(Exception):
    """What no program from outside the crate can make."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """`of`: what a term is. `element`: how many bytes an element of the parameter of that name takes in Rust."""

    of: Callable[[Term], int]
    element: Callable[[str], int]


def made(value: Value, of: t.Type, name: str, numbers: Numbers) -> str:
    """An expression. Raises NotWritable."""
    match value, of:
        case Scalar(term), t.Primitive(primitive):
            return _number(numbers.of(term), primitive)
        case Struct(struct, (Scalar(size), Scalar(alignment))), _ if struct == LAYOUT:
            return _layout(size, alignment, numbers)
        case Struct(struct, (_, Scalar(length), _)), _ if struct == VECTOR:
            return f"client::values::<{numbers.element(name)}>({numbers.of(length)})"
        case Struct(struct, (Struct(_, (Scalar(size), Scalar(alignment))), Scalar(native), Scalar(lists))), _ if (
            struct == FORM
        ):
            answers = ", ".join(
                f"{one}: {_number(numbers.of(term), 'bool')}" for one, term in (("native", native), ("lists", lists))
            )
            return f"client::Ops {{ layout: {_layout(size, alignment, numbers)}, {answers} }}"
        case Struct("()", parts), t.Tuple(elements):
            texts = [made(one, each, name, numbers) for one, each in zip(parts, elements, strict=True)]
            return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
        case Sum(enum, tag, _), t.PathType(t.Path((*_, t.Name("Option", (inner,))))) if enum == OPTION:
            held = value.payload(1)
            if not numbers.of(tag):
                return "None"
            return f"Some({made(held[0], _type(inner), name, numbers)})"
        case Pointer(_, _, length), t.Reference(_, mutable, t.Slice(t.Primitive(primitive))) if length is not None:
            return f"{'&mut ' if mutable else '&'}vec![{_number(0, primitive)}; {numbers.of(length)}][..]"
        case _:
            raise NotWritable(f"{name}: {plain_type(of)}")


def _type(of: object) -> t.Type:
    match of:
        case t.Primitive():
            return of
        case _:
            raise NotWritable("an option of what is no number")


def _layout(size: Term, alignment: Term, numbers: Numbers) -> str:
    return f"std::alloc::Layout::from_size_align({numbers.of(size)}, {numbers.of(alignment)}).unwrap()"


def _number(number: int, of: str) -> str:
    if of == "bool":
        return "true" if number else "false"
    width = WORD if of in _ADDRESSES else bits(of)
    if number >> width:
        raise NotWritable(f"{number} as {of}")
    if of == "char":
        return f"'\\u{{{number:x}}}'"
    return f"{signed(number, width) if of.startswith('i') else number}_{of}"
