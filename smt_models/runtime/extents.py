"""How large blocks are, and how far into them pointers point: counted in elements, where they are made of those.

An operation has elements of one type. Their size and alignment in the host's form are the same for ever, whatever
they are. What is no number of elements (bytes, areas of several things) has no length here.
"""

from __future__ import annotations

from smt_models.runtime.constants import USIZE
from smt_models.runtime.facts import fold
from smt_models.runtime.machine import BYTES
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.template import ANY
from smt_models.runtime.values import MOVED, Aggregate, Pointer, Scalar, Value, pointers
from smt_models.system.operators import BitVec
from smt_models.system.terms import FALSE, Apply, Literal, Term, Variable, both, differ

SIZE = Variable(f"{ANY}element size", USIZE)
ALIGNMENT = Variable(f"{ANY}element alignment", USIZE)
HOSTS = "elements in the host's form"
UNALIGNED = "elements in the host's form, at any address"
GUESTS = "elements in the guest's form"
BLOCKS = (HOSTS, UNALIGNED, GUESTS)
"""What a block of elements holds: its one field is how many there is room for."""
LIST = "bytes of a list"
"""What a block of a list of bytes holds that the host was given memory for: its one field is how many."""
SIZE_OF = "size of "
AREA = "area of "
"""What a block with a layout of its own holds is called: this, then the layout's name."""
LARGEST = Literal((1 << 31) - 1, USIZE)
""" "The size of .. must not exceed `isize::MAX`" [Layout::from_size_align]."""


def element_layout() -> tuple[Variable, Variable]:
    """Size and alignment."""
    return SIZE, ALIGNMENT


def area_layout(name: str) -> tuple[Variable, Variable]:
    """Of a layout of its own, by its name."""
    return Variable(f"{ANY}{SIZE_OF}{name}", USIZE), Variable(f"{ANY}alignment of {name}", USIZE)


def block(kind: str, count: Term) -> Aggregate:
    return Aggregate(kind, (Scalar(count),))


def is_memory(value: Value) -> bool:
    """What a heap block holds, as far as it is known."""
    return value == BYTES or (
        isinstance(value, Aggregate) and (value.type in (*BLOCKS, LIST) or value.type.startswith(AREA))
    )


def elements_in(size: Term) -> Term | None:
    """How many elements are so many bytes, if they do not wrap."""
    match size:
        case Literal(0):
            return size
        case Variable() if size == SIZE:
            return Literal(1, USIZE)
        case Apply("bvmul", (one, other)) if SIZE in (one, other):
            return other if one == SIZE else one
        case Apply("bvadd", (one, other)):
            left, right = elements_in(one), elements_in(other)
            return None if left is None or right is None else fold("bvadd", left, right)
        case _:
            return None


def wraps(count: Term) -> Term:
    """That count * element size is more than 32 bits hold."""
    if isinstance(count, Literal) and count.value in (0, 1):
        return FALSE
    wide = [fold("zero_extend", one, indices=(USIZE.width,)) for one in (count, SIZE)]
    high = fold("extract", fold("bvmul", *wide), indices=(2 * USIZE.width - 1, USIZE.width))
    return differ(high, Literal(0, BitVec(USIZE.width)))


def moved(at: Pointer, bytes_: Term | None) -> Pointer:
    """The pointer further on. Distances are kept where they say something: numbers of elements, and words that stay
    the same."""
    before = at.distance if at.moved else Literal(0, USIZE)
    after = None if before is None or bytes_ is None else fold("bvadd", before, bytes_)
    if after is None or not (elements_in(after) is not None or (isinstance(after, Variable) and "#" not in after.name)):
        return Pointer(at.base, at.path, True)
    return Pointer(at.base, at.path, after != Literal(0, USIZE), None if after == Literal(0, USIZE) else after)


def offset(at: Pointer) -> Term | None:
    """How many bytes were added."""
    return at.distance if at.moved else Literal(0, USIZE)


def inside(first: Term, count: Term, room: Term) -> Term:
    """That the elements `[first, first + count)` are among so many: nothing wraps."""
    return both(fold("bvule", first, room), fold("bvule", count, fold("bvsub", room, first)))


def room_of(state: State, buffer: Value) -> Term:
    """How many elements fit into the one block that a buffer has; none if it has none."""
    found = [one for one in sorted(pointers(buffer)) if is_memory(state.settle(state.objects.get(one, MOVED)))]
    if not found:
        return Literal(0, USIZE)
    held = state.settle(state.objects[found[0]])
    if len(found) > 1 or not isinstance(held, Aggregate) or held.type not in BLOCKS:
        raise NotModelled("a buffer over memory of which the length is not known")
    count = held.fields[0]
    assert isinstance(count, Scalar)
    return count.term
