"""A call of a counterexample as Rust: arguments by their types."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from extract.mir import types as t
from smt_models.runtime.names import plain_type
from smt_models.runtime.program import LIBRARY_ENUMS
from smt_models.static_pools.explore import Argument
from smt_models.static_pools.model import CallStep
from smt_models.static_pools.owners import Passed
from smt_models.static_pools.places import variants_of
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import LAYOUT, WIDTH, Pointer, Scalar, Struct, Sum, Value, bits
from smt_models.system.operators import signed


def written(
    subject: Subject,
    call: CallStep,
    numbers: tuple[int, ...],
    crate: str = "",
    giver: int | None = None,
    filled: int = 0,
) -> str:
    """`path::to::function(Client::Logger, 3)`, for people as for the compiler. `crate`: stands before paths. `giver`:
    the call, from 1 on, that gave the owner which is passed. `filled`: what every element is of a slice that is passed.
    """
    given, lent = iter(numbers), count(1)
    arguments: list[str] = []
    for one in call.arguments:
        if one.like is not None:
            which = "an element" if isinstance(one.value, Pointer) and one.value.base == one.like else "one like those"
            arguments.append(_element(one, next(lent)) if crate else f"{which} of {one.like}")
        elif giver is not None and call.passed is not None and call.passed.of.is_lent_or_passed(one.type):
            if isinstance(one.value, Struct):
                next(given)
            arguments.append(_owner(call.passed, one, giver) if crate else f"what call {giver} gave")
        elif isinstance(one.value, Pointer) and one.value.length is not None:
            length = next(given)
            arguments.append(_slice(one, length, filled) if crate else plain_type(one.type))
        else:
            arguments.append(_argument(subject, one.value, one.type, given, crate))
    return f"{called_as(subject, call.step.call, crate) or call.step.call}({', '.join(arguments)})"


def _slice(argument: Argument, length: int, filled: int) -> str:
    """Of so many elements, which lasts: a text, or numbers."""
    name = _elements(argument.type)
    if name == "str":
        return f"core::str::from_utf8(vec![{filled}_u8; {length}].leak()).unwrap()"
    return f"vec![{filled}_{name}; {length}].leak()"


def _elements(of: t.Type) -> str | None:
    """What a slice is of, if that is numbers or a text."""
    match of:
        case t.Reference(_, _, t.Slice(t.Primitive(name)) | t.Primitive("str" as name)) if (
            name[0] in "iu" or name == "str"
        ):
            return name
        case _:
            return None


def slices_passed(call: CallStep, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """How long those are that are passed."""
    lengths = [one.value.length for one in call.arguments if isinstance(one.value, Pointer) and one.like is None]
    return tuple(numbers[call.step.arguments.index(one)] for one in lengths if one is not None)


def lent_variable(place: int) -> str:
    """That has an element that was lent, from 1 on."""
    return f"lent_{place}"


def _element(argument: Argument, place: int) -> str:
    is_mutable = isinstance(argument.type, t.Reference) and argument.type.mutable
    return f"&{'mut ' if is_mutable else ''}*{lent_variable(place)}"


def variable(giver: int) -> str:
    """That has what a call gave, as an `Option`."""
    return f"owner_{giver}"


def called_as(subject: Subject, entry: str, crate: str) -> str | None:
    """How a function is called from outside: a method by its type, and by its trait. None if it cannot be."""
    program = subject.program
    if "<impl" not in entry:
        return f"{crate}{entry}"
    made, _, method = entry.rpartition("::")
    for (of, _), bodies in program.methods.items():
        if entry in bodies and "<" not in of and "(" not in of:
            return f"{crate}{of}::{method}"
    for (of, trait), made_by in program.implementations.items():
        if made not in made_by or "<" in of or "(" in of:
            continue
        if trait == "ops::Drop":
            return "drop"
        own = next((one for one in subject.facts.traits if one.path.removeprefix("crate::") == trait), None)
        asked = "<_>" if own is not None and own.generics.parameters else ""
        return f"<{crate}{of} as {crate if own is not None else 'core::'}{trait}{asked}>::{method}"
    return None


def usize(number: int) -> str:
    """One near the end of 32 bits as one as near the end of what the machine has: what wraps there wraps here."""
    if number >> (WIDTH - 1):
        return f"(usize::MAX - {(1 << WIDTH) - 1 - number}) as u128"
    return f"{number}"


def writable(subject: Subject, call: CallStep) -> bool:
    """Whether that is Rust: a function with a name, and no argument without one."""
    passed = call.passed
    return (
        called_as(subject, call.step.call, "") is not None
        and "{" not in call.step.call
        and all(
            one.like is not None  # the program has to find who lends it
            or _is_writable(subject, one.value)
            or (isinstance(one.value, Pointer) and one.value.length is not None and _elements(one.type) is not None)
            or (passed is not None and passed.of.is_lent_or_passed(one.type))
            for one in call.arguments
        )
    )


def _owner(passed: Passed, argument: Argument, giver: int) -> str:
    if passed.gone:
        return f"{variable(giver)}.take().unwrap()"
    is_mutable = isinstance(argument.type, t.Reference) and argument.type.mutable
    return f"{variable(giver)}.{'as_mut' if is_mutable else 'as_ref'}().unwrap()"


def _is_writable(subject: Subject, value: Value) -> bool:
    match value:
        case Pointer(str() as static, ()):
            return subject.statics[static].is_open and static.replace("::", "").isidentifier()
        case Scalar():
            return True
        case Sum(_, _, payloads):
            return not payloads
        case Struct(name, fields) if name in ("()", LAYOUT):
            return all(_is_writable(subject, one) for one in fields)
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
        case Struct(name, fields) if name == LAYOUT:
            size, align = (_argument(subject, one, t.Primitive("usize"), given, crate) for one in fields)
            return f"core::alloc::Layout::from_size_align({size}, {align}).unwrap()"
        case Struct(name, fields):
            elements = of.elements if isinstance(of, t.Tuple) else (None,) * len(fields)
            parts = [_argument(subject, one, each, given, crate) for one, each in zip(fields, elements, strict=True)]
            return (
                f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
                if name == "()"
                else (f"{name} {{ {', '.join(parts)} }}")
            )
        case Pointer(str() as base):
            return f"&{crate}{base}"
        case _:
            return "_" if of is None else plain_type(of)
