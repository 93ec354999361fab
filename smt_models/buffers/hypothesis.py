"""What is taken to be known of the elements that callers pass.

A vector has at most `isize::MAX` bytes as its elements are in Rust [alloc::vec::Vec]. Nothing says so of the form that
they have in the canonical ABI, which may be longer: there the count and the size are multiplied, and may wrap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extract.mir import types as t
from smt_models.buffers.subject import Buffer, Owner
from smt_models.buffers.supposed import Elements
from smt_models.buffers.vectors import FORM, VECTOR
from smt_models.runtime.names import plain_type
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.places import WIDE, widened
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import WIDTH, Scalar, Struct, Value
from smt_models.system.terms import Term
from smt_models.wasm.build import make, number


def hypotheses_of(subject: Subject, buffer: Buffer) -> tuple[Elements, ...]:
    """Those under which it is asked: where no call passes elements and their form, there is nothing to suppose."""
    inputs = Inputs(subject.facts, subject.allocations, frozenset())
    functions = buffer.functions if isinstance(buffer, Owner) else ()
    passes = (subject.program.functions[one].parameters for one in functions)
    return tuple(Elements) if any(_passes_elements(of, inputs) for of in passes) else (Elements.ANY,)


def _passes_elements(parameters: Iterable[t.Type], inputs: Inputs) -> bool:
    names = [plain_type(of) for of in parameters if isinstance(of, t.PathType)]
    return VECTOR in names and any(map(inputs.is_parameter, names))


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
