"""A call of a counterexample as Rust: arguments by their types."""

from __future__ import annotations

from collections.abc import Iterator

from extract.mir import types as t
from smt_models.runtime.names import plain_type
from smt_models.runtime.program import LIBRARY_ENUMS
from smt_models.static_pools.model import CallStep
from smt_models.static_pools.places import variants_of
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import WIDTH, Pointer, Scalar, Struct, Sum, Value, bits
from smt_models.system.operators import signed


def written(subject: Subject, call: CallStep, numbers: tuple[int, ...], crate: str = "") -> str:
    """`path::to::function(Client::Logger, 3)`, for people as for the compiler. `crate`: stands before paths."""
    given = iter(numbers)
    arguments = [_argument(subject, one.value, one.type, given, crate) for one in call.arguments]
    return f"{crate}{call.step.call}({', '.join(arguments)})"


def usize(number: int) -> str:
    """One near the end of 32 bits as one as near the end of what the machine has: what wraps there wraps here."""
    if number >> (WIDTH - 1):
        return f"(usize::MAX - {(1 << WIDTH) - 1 - number}) as u128"
    return f"{number}"


def writable(call: CallStep) -> bool:
    """Whether that is Rust: neither a method's body nor an argument without a name."""
    return (
        "<impl" not in call.step.call
        and "{" not in call.step.call
        and all(_is_writable(one.value) for one in call.arguments)
    )


def _is_writable(value: Value) -> bool:
    match value:
        case Scalar():
            return True
        case Sum(_, _, payloads):
            return not payloads
        case Struct("()", fields):
            return all(map(_is_writable, fields))
        case _:
            return False


def _argument(subject: Subject, value: Value, of: t.Type | None, given: Iterator[int], crate: str) -> str:
    match value:
        case Scalar():
            number = next(given)
            match of:
                case t.Primitive("bool"):
                    return "true" if number else "false"
                case t.Primitive("char"):
                    return f"'\\u{{{number:x}}}'"
                case t.Primitive(name) if name.startswith("i"):
                    return f"{signed(number, bits(name))}_{name}"
                case t.Primitive("usize") if crate and number >> (WIDTH - 1):
                    return f"usize::MAX - {(1 << WIDTH) - 1 - number}"
                case t.Primitive(name):
                    return f"{number}_{name}"
                case _:
                    return str(number)
        case Sum(name, _, payloads):
            index = next(given)
            variants = variants_of(subject.program, name)
            inner = [_argument(subject, one, None, given, crate) for _, fields in payloads for one in fields]
            name = f"{crate}{name}" if name in subject.program.enums and name not in LIBRARY_ENUMS else name
            text = f"{name}::{variants[index]}" if index < len(variants) else f"{name}::?"
            return f"{text}({', '.join(inner)})" if inner else text
        case Struct(name, fields):
            elements = of.elements if isinstance(of, t.Tuple) else (None,) * len(fields)
            parts = [_argument(subject, one, each, given, crate) for one, each in zip(fields, elements, strict=True)]
            return (
                f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
                if name == "()"
                else (f"{name} {{ {', '.join(parts)} }}")
            )
        case Pointer(str() as base):
            return f"&{base}"
        case _:
            return "_" if of is None else plain_type(of)
