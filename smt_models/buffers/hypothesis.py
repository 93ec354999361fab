"""What is taken to be known of the elements that callers pass.

A vector has at most `isize::MAX` bytes as its elements are in Rust [alloc::vec::Vec]. Nothing says so of the form that
they have in the canonical ABI, which may be longer: there the count and the size are multiplied, and may wrap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extract.mir import types as t
from extract.rust.names import Names
from extract.rust.type_names import TypeNames
from extract.rust.types import Local
from smt_models.buffers.subject import Buffer, Owner
from smt_models.buffers.supposed import Elements
from smt_models.buffers.vectors import FORM, VECTOR, forms
from smt_models.runtime.names import plain_type
from smt_models.static_pools.places import WIDE, widened
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import WIDTH, Scalar, Struct, Value
from smt_models.system.terms import Term
from smt_models.wasm.build import make, number


def hypotheses_of(subject: Subject, buffer: Buffer) -> tuple[Elements, ...]:
    """Those under which it is asked: where no call passes elements and their form, there is nothing to suppose; where
    none lends elements, there is nothing to count.
    """
    functions = buffer.functions if isinstance(buffer, Owner) else ()
    types = TypeNames(Names(subject.facts))
    if not any(_passes_elements(subject, one, types) for one in functions):
        return (Elements.ANY,)
    lends = any(one.endswith(f"::{name}") for one in functions for form in forms() for name in form.lends)
    return tuple(Elements) if lends else (Elements.ANY, Elements.FITTING)


def _passes_elements(subject: Subject, function: str, types: TypeNames) -> bool:
    """A vector, and what has a type parameter for its type that is bound by a trait of a form."""
    names = [plain_type(of) for of in subject.program.functions[function].parameters if isinstance(of, t.PathType)]
    declared = subject.declared.get(function)
    if VECTOR not in names or declared is None:
        return False
    bounds = (bound for name, bound in declared.environment.bounds if name in names)
    traits = {types.resolve(bound, declared.environment) for bound in bounds}
    return any(Local(f"crate::{one.trait}") in traits for one in forms())


def fitting(values: Iterable[Value]) -> Iterator[Term]:
    """Of what a call passes: that the size of an element, times how many there are, does not wrap."""
    passed = tuple(values)
    for value in passed:
        for form in passed:
            match value, form:
                case Struct(a, (_, Scalar(length), _)), Struct(b, (Struct(_, (Scalar(size), _)), *_)) if (
                    a == VECTOR and b == FORM
                ):
                    whole = make("bvmul", widened(length), widened(size))
                    yield make("bvult", whole, number(1 << WIDTH, WIDE))
