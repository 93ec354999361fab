"""Places of MIR and their types; what is checked where a place is made [rustc_middle::mir::syntax: PlaceElem]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from extract.mir import operands as o
from extract.mir import types as t
from extract.mir.show import show_type
from smt_models.pools.conditions import INDEX, RANGE
from smt_models.runtime.names import plain_type
from smt_models.runtime.program import LIBRARY_ENUMS, Program
from smt_models.static_pools.inputs import CONTENTS_NAME
from smt_models.static_pools.state import Frame, State, below, coarser, term_of
from smt_models.static_pools.values import (
    CELLS,
    CONTENTS,
    UNDEFINED,
    WIDTH,
    Array,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Reach,
    Scalar,
    Sum,
    Value,
    size_of,
    word,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import Term
from smt_models.wasm.build import make, number

WIDE = 2 * WIDTH


def stripped(of: t.Type) -> t.Type:
    """Without the wrappers that change nothing about an address."""
    match of:
        case t.PathType(t.Path((*_, t.Name(_, (inner,))))) if plain_type(of) in CELLS and not isinstance(
            inner, t.Lifetime | t.ConstArgument | t.Binding | t.BoundOn
        ):
            return stripped(inner)
        case t.Array(element, length):
            return t.Array(stripped(element), length)
        case t.Slice(element):
            return t.Slice(stripped(element))
        case _:
            return of


def local(state: State, frame: Frame, number_: int) -> int:
    found = frame.locals.get(number_)
    if found is None:
        found = state.allocate(UNDEFINED)
        frame.locals[number_] = found
    return found


def type_of(frame: Frame, place: o.Place) -> t.Type | None:
    """As far as the text says it."""
    of: t.Type | None = frame.function.body.locals[place.local].type
    for projection in place.projections:
        match projection, of:
            case o.Deref(), t.Reference(_, _, target) | t.RawPointer(_, target):
                of = target
            case o.Field(_, inner), _:
                of = inner
            case ((o.Index() | o.ConstantIndex()), (t.Array(element, _) | t.Slice(element))):
                of = element
            case o.Downcast(), _:
                pass
            case _:
                return None
    return of


def target_of(of: t.Type | None) -> t.Type | None:
    """Of a reference or raw pointer; None for what is none."""
    return of.target if isinstance(of, t.Reference | t.RawPointer) else None


def place_of(state: State, frame: Frame, place: o.Place, program: Program) -> Pointer:
    """Where a place expression points; an index into it is checked."""
    at = Pointer(local(state, frame, place.local))
    variant: int | None = None
    for number_, projection in enumerate(place.projections):
        match projection:
            case o.Deref():
                raw = isinstance(type_of(frame, o.Place(place.local, place.projections[:number_])), t.RawPointer)
                at = dereferenced(state, state.load(at), raw)
            case o.Downcast(name):
                before = type_of(frame, o.Place(place.local, place.projections[:number_]))
                variant = _variant(state, at, name, program, before)
            case o.Field(index):
                at = Pointer(at.base, (*at.path, index if variant is None else (variant, index)))
                variant = None
            case o.Index(number_of_local):
                index_of = term_of(state.load(Pointer(local(state, frame, number_of_local))))
                at = indexed(state, at, index_of)
            case o.ConstantIndex(offset, _, False):
                at = indexed(state, at, word(offset).term)
            case o.ConstantIndex(offset, _, True):
                at = indexed(state, at, make("bvsub", state.length_of(at), word(offset).term))
            case o.Subslice(first, last, True) if at.length is not None:
                at = _between(state, at, first, last)
            case _:
                raise NotModelled(f"{type(projection).__name__} within a place")
    return at


def _between(state: State, at: Pointer, first: int, last: int) -> Pointer:
    """A slice without so many of its first and last, as a pattern binds it."""
    length, without = state.length_of(at), word(first + last).term
    state.demand(make("bvule", without, length), INDEX, "a pattern beyond the end", at.base)
    return replace(element(at, word(first).term), length=make("bvsub", length, without))


def _variant(state: State, at: Pointer, name: str | int, program: Program, of: t.Type | None) -> int:
    """`of`: the type that stands there."""
    value = state.read(at)
    variants: tuple[str, ...] = ()
    if isinstance(value, Sum):
        variants = variants_of(program, value.type)
    elif value == CONTENTS and of is not None:
        variants = variants_of(program, plain_type(of))
    if name not in variants:
        raise NotModelled(f"the variant {name} of {type(value).__name__}")
    return variants.index(str(name))


def variants_of(program: Program, of: str) -> tuple[str, ...]:
    return program.enums.get(of) or LIBRARY_ENUMS.get(of) or ()


def indexed(state: State, at: Pointer, index: Term) -> Pointer:
    """An element of an array or slice."""
    state.demand(below(index, state.length_of(at)), INDEX, "an index beyond the end", at.base)
    return element(at, index)


def element(at: Pointer, index: Term) -> Pointer:
    """Of what begins here; not checked."""
    if at.length is None:
        return Pointer(at.base, (*at.path, Element(index)))
    return moved(Pointer(at.base, at.path, parts=at.parts), index)


def moved(at: Pointer, distance: Term) -> Pointer:
    """So many elements further on; not checked."""
    match at.path:
        case (*before, Element(start)):
            return replace(at, path=(*before, Element(make("bvadd", start, distance))))
        case _:
            raise NotModelled("a distance from what is no element")


def dereferenced(state: State, value: Value, raw: bool) -> Pointer:
    """Through a raw pointer nothing is known: what it is used for must lie in the array."""
    if not isinstance(value, Pointer):
        raise NotModelled(f"a dereference of {type(value).__name__}")
    if raw:
        within(state, value, word(1).term if value.length is None else value.length)
    return value


def many_written(state: State, at: Pointer) -> None:
    """Elements from here on, so many that none of them is known by itself afterwards: in a local array of numbers all
    may be any. Raises Coarser where they are those of a static.
    """
    whole = Pointer(at.base, at.path[:-1])
    match state.read(whole):
        case Contents():
            pass
        case Array(elements) if isinstance(at.base, int) and at.seen is None and at.parts == 1:
            state.write(whole, Array(tuple([_any_like(state, one) for one in elements])))
        case _:
            coarser(at, "many elements are written at once")


def _any_like(state: State, one: Value) -> Value:
    match one:
        case Scalar(term) if isinstance(term.sort, BitVec):
            return Scalar(state.fresh(CONTENTS_NAME, term.sort))
        case _:
            raise NotModelled("many elements that are no numbers, and are written at once")


def within(state: State, at: Pointer, count: Term) -> None:
    """So many elements from here lie in the array, or as many bytes as are seen."""
    match at.path:
        case (*_, Element(start)):
            for there in in_elements(state, at):
                state.demand(there, RANGE, "memory beyond the end is used", at.base)
            length = around(state, at)
            ok = make("bvule", make("bvadd", widened(start), elements(at, count)), widened(length))
            if count == word(1).term and at.seen is None:
                ok = below(start, length)
            state.demand(ok, RANGE, "memory beyond the end is used", at.base)
        case _ if count == word(1).term and at.seen is None:
            pass  # a place by itself
        case _:
            raise NotModelled("several things where one is")


def in_elements(state: State, at: Pointer) -> Iterator[Term]:
    """That the elements are there in which the array lies that the last step counts: a pointer beyond the last one may
    be made, and cast.
    """
    for position, step in enumerate(at.path[:-1]):
        if isinstance(step, Element):
            yield below(step.index, state.length_of(Pointer(at.base, at.path[:position])))


def around(state: State, at: Pointer) -> Term:
    """How many there are of what the last step of a pointer counts."""
    length = state.length_of(Pointer(at.base, at.path[:-1]))
    return length if at.parts == 1 else make("bvmul", length, number(at.parts, WIDTH))


def elements(at: Pointer, count: Term) -> Term:
    """So many of what is seen through the pointer, in elements: wide, so that nothing wraps."""
    wide = widened(count)
    return wide if at.seen is None else make("bvmul", wide, number(at.seen, WIDE))


def widened(term: Term) -> Term:
    return make("zero_extend", term, indices=(WIDE - WIDTH,))


def cast(state: State, at: Pointer, source: t.Type, target: t.Type) -> Pointer:
    """A pointer to `source` as one to `target`. NotModelled where what it then points at has no meaning here."""
    source, target = stripped(source), stripped(target)
    if show_type(source) == show_type(target):
        return at
    if is_void(target):
        return replace(at, untyped=True)
    at = replace(at, untyped=False)
    if not _has_as_many_values(source, target):
        raise NotModelled(f"a pointer to {show_type(source)} as one to {show_type(target)}")
    in_order = at.seen is None and at.parts == 1
    """It is to a place that has the type `source` itself, and not only its size."""
    match source, target:
        case (t.Slice(inner), _) if show_type(inner) == show_type(target):
            return first_of(state, at)
        case t.Array(), _ if in_order and at.reach is not Reach.ELEMENT:
            return _over_elements(at, source, target)
        case (t.Array(inner, _), _) if in_order and show_type(inner) == show_type(target):
            return first_of(state, at)
        case (t.Array(inner, _), _) if in_order and size_of(inner) == 1:
            return _seen_as(first_of(state, at), target)
        case t.Array(t.Array() as inner, _), t.Primitive() if in_order and _innermost_is(inner, target):
            first = Element(word(0).term)
            return Pointer(at.base, (*at.path, first), parts=size_of(inner) // size_of(target))
        case _, _ if _ends_in_bytes(at, source):
            return _seen_as(at, target)
    raise NotModelled(f"a pointer to {show_type(source)} as one to {show_type(target)}")


def first_of(state: State, at: Pointer) -> Pointer:
    """To the first element of an array or slice: `as_ptr`, and a cast. All of the array can be reached from there, if
    the slice is all of it.
    """
    if at.length is None:
        return Pointer(at.base, (*at.path, Element(word(0).term)), reach=Reach.ARRAY)
    match at.path:
        case (*before, Element(start)) if start == word(0).term and at.parts == 1:
            whole = Pointer(at.base, tuple(before))
            is_all = isinstance(state.read(whole), Array | Contents) and at.length == state.length_of(whole)
            return Pointer(at.base, at.path, reach=Reach.ARRAY if is_all else Reach.UNKNOWN)
        case _:
            return Pointer(at.base, at.path, parts=at.parts, reach=Reach.UNKNOWN)


def _over_elements(at: Pointer, source: t.Array, target: t.Type) -> Pointer:
    """A pointer to the arrays of an array as one to their numbers. It has its provenance with all of them, and does not
    end at the end of the one that it points at [core::slice::as_ptr; core::ptr, "Provenance"].
    """
    innermost = _innermost(source)
    match at.path:
        case (*before, Element(start)) if (
            at.reach is Reach.ARRAY and (parts := size_of(source) // size_of(innermost)) > 1
        ):
            here = make("bvmul", start, number(parts, WIDTH))
            found = Pointer(at.base, (*before, Element(here)), parts=parts, reach=Reach.ARRAY)
            if show_type(innermost) == show_type(target):
                return found
            if size_of(innermost) == 1:
                return _seen_as(found, target)
        case _:
            pass
    raise NotModelled(f"a pointer into a slice of {show_type(source)} as one to {show_type(target)}")


def _innermost_is(of: t.Type, wanted: t.Type) -> bool:
    return show_type(_innermost(of)) == show_type(wanted)


def _ends_in_bytes(at: Pointer, source: t.Type) -> bool:
    return (
        isinstance(at.path[-1:], tuple)
        and bool(at.path)
        and isinstance(at.path[-1], Element)
        and (at.seen is not None or (not is_void(source) and size_of(source) == 1))
    )


def _seen_as(at: Pointer, target: t.Type) -> Pointer:
    size = size_of(target)
    return replace(at, length=None, seen=None if size == 1 else size)


def _innermost(of: t.Type) -> t.Type:
    return _innermost(of.element) if isinstance(of, t.Array) else of


def is_void(of: t.Type | None) -> bool:
    """A type by which a pointer says nothing of what it points at; so what it counts is no element."""
    return of == t.UNIT or (isinstance(of, t.PathType) and plain_type(of) == "core::ffi::c_void")


def _has_as_many_values(source: t.Type, target: t.Type) -> bool:
    """Not every byte is a truth value, nor every four are a character: what is written as one and read as the other may
    be none.
    """
    limited = (t.Primitive("bool"), t.Primitive("char"))
    one, other = _innermost(source), _innermost(target)
    return one == other or (one not in limited and other not in limited)
