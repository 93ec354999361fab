"""Calls to bodies: which function, method or closure of the crate a call reaches, and which it only names.

A call names a method by its type (`a::Type::method`, `<Type as Trait>::method`), a body by the place of its impl. The
headers of the impls join the two by the last names of type and trait; where that leaves more than one body,
all of them are candidates. A type parameter is whatever implements the trait: then the set of candidates is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extract.mir.impls import Headers, ImplHeader, UnknownHeader
from extract.mir.naming import (
    code_of,
    fits,
    is_parameter,
    kind_of,
    last_name,
    name_of,
    plain,
    through_std,
    without_context,
)
from extract.mir.operands import FunctionValue, Operand
from extract.mir.operands_of import arguments_of_terminator, operands_of_statement
from extract.mir.show import show_path
from extract.mir.statements import Call, TailCall
from extract.mir.tree import Body, ConstantItem, Function, MirFile, Source
from extract.mir.types import (
    BodyOf,
    Closure,
    ImplAt,
    ImplOf,
    Name,
    Numbered,
    Path,
    PathType,
    Qualified,
    RawPointer,
    Reference,
    Segment,
    Type,
)

LIBRARIES = frozenset({"core", "alloc", "std"})
CALL_METHODS = frozenset({"call", "call_mut", "call_once"})


@dataclass(frozen=True, slots=True)
class ToBody:
    """One body of the crate, by its path as printed."""

    body: str


@dataclass(frozen=True, slots=True)
class ToOneOf:
    """A method of a trait: these bodies of the crate implement it; `is_open` if others could."""

    method: str
    bodies: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class ToForeign:
    """Declared in the crate, without a body: a built-in of the host, most often."""

    path: str


@dataclass(frozen=True, slots=True)
class ToLibrary:
    """A function of another crate, by its path without generic arguments: what a model of it is found by.

    What `std` passes on from `core` and `alloc` has its name there, whatever the crate calls it.
    """

    name: str


@dataclass(frozen=True, slots=True)
class ThroughPointer:
    """A function pointer, or a field of a table of them."""

    operand: Operand


Target = ToBody | ToOneOf | ToForeign | ToLibrary | ThroughPointer


@dataclass(frozen=True, slots=True)
class CallSite:
    caller: str
    block: int
    source: Source
    target: Target


class Resolver:
    """Knows the bodies of one crate by name, by impl, and by the closure that they are the code of."""

    def __init__(self, tree: MirFile, headers: Headers) -> None:
        self.functions: dict[str, Function] = {show_path(function.path): function for function in tree.functions()}
        self.unreadable: tuple[str, ...] = tuple(
            sorted({header.reason for header in headers.values() if isinstance(header, UnknownHeader)})
        )
        """Impls without a header: their methods are not found by type."""
        self._headers = headers
        self._bodies = [(show_path(path), body) for path, body in _bodies(tree)]
        self._methods: dict[str, list[tuple[ImplHeader, str]]] = {}
        self._unplaced: dict[str, list[str]] = {}
        self._closures: dict[Type, str] = {}
        self._roots = {name_of(function.path.segments[0]) for function in self.functions.values()} - {""}
        for text, function in self.functions.items():
            self._note(text, function)

    def _note(self, text: str, function: Function) -> None:
        match function.path.segments:
            case (*_, Numbered("closure")) if function.parameters:
                code = code_of(function.parameters[0])
                if code is not None:
                    self._closures.setdefault(code, text)
            case segments:
                place = max((n for n, segment in enumerate(segments) if isinstance(segment, ImplAt)), default=None)
                if place is None:
                    return
                impl = segments[place]
                assert isinstance(impl, ImplAt)
                method = plain(Path(segments[place + 1 :]))
                header = self._headers.get(impl.span)
                if isinstance(header, ImplHeader):
                    self._methods.setdefault(method, []).append((header, text))
                else:
                    self._unplaced.setdefault(method, []).append(text)

    def calls(self) -> Iterator[CallSite]:
        """Every call of every function."""
        for caller, function in self.functions.items():
            yield from self.calls_of(caller, function.body)

    def calls_of(self, caller: str, body: Body) -> Iterator[CallSite]:
        """Those of one body: of a coroutine's drop too, which is no function of the crate's own text."""
        for block in body.blocks:
            match block.terminator.kind:
                case Call(function=operand) | TailCall(function=operand):
                    yield CallSite(caller, block.number, block.terminator.source, self.target(operand))
                case _:
                    pass

    def references(self) -> Iterator[CallSite]:
        """Every function that stands as a value: an argument, a pointer to be, an entry of a constant table."""
        for caller, body in self._bodies:
            yield from self.references_of(caller, body)

    def references_of(self, caller: str, body: Body) -> Iterator[CallSite]:
        for block in body.blocks:
            steps = [(operands_of_statement(step.kind), step.source) for step in block.statements]
            steps.append((arguments_of_terminator(block.terminator.kind), block.terminator.source))
            for operands, source in steps:
                for operand in operands:
                    if isinstance(operand, FunctionValue):
                        yield CallSite(caller, block.number, source, self.named(operand.path))

    def target(self, operand: Operand) -> Target:
        return self.named(operand.path) if isinstance(operand, FunctionValue) else ThroughPointer(operand)

    def named(self, path: Path) -> Target:
        """What a function that stands as a value, or is called, leads to."""
        text = plain(path)
        if text in self.functions:
            return ToBody(text)
        match path.segments:
            case (Qualified(of, Path() as trait), *method) if len(method) == 1 or self._is_nested(method):
                return self._of_trait(of, trait, plain(Path(tuple(method))))
            case segments:
                # The last name may be that of a function inside of a method.
                for place in range(len(segments) - 2, -1, -1):
                    found = self._inherent(segments[place], plain(Path(segments[place + 1 :])), path)
                    if found:
                        return ToBody(found[0]) if len(found) == 1 else ToOneOf(text, tuple(found), False)
        return ToForeign(text) if self._is_own(path) else ToLibrary(through_std(text))

    def _is_own(self, path: Path) -> bool:
        """Whether the path begins in this crate and not in a library."""
        match path.segments:
            case (Name(name), *_):
                return name in self._roots and name not in LIBRARIES
            case (Qualified(PathType(of)), *_):
                return self._is_own(of)
            case _:
                return False

    def _mentions_own(self, of: Type) -> bool:
        match of:
            case PathType(path):
                generics = [part for segment in path.segments if isinstance(segment, Name) for part in segment.generics]
                return self._is_own(path) or any(
                    isinstance(part, Type) and self._mentions_own(part) for part in generics
                )
            case Reference(_, _, target) | RawPointer(_, target):
                return self._mentions_own(target)
            case Closure() | BodyOf():
                return True
            case _:
                return False

    def _is_nested(self, method: list[Segment]) -> bool:
        """Whether a function of that name stands inside of a method of a trait."""
        return plain(Path(tuple(method))) in self._methods

    def _inherent(self, of: Segment, method: str, path: Path) -> list[str]:
        """Methods of a type that is named by the segment; those of impls without a header may be."""
        match of:
            case Name(type_name) | ImplOf(_, PathType(Path((*_, Name(type_name))))) if self._is_own(path):
                found = [
                    text
                    for header, text in self._methods.get(method, [])
                    if header.trait is None and last_name(header.type) == type_name
                ]
                return found + self._unplaced.get(method, [])
            case _:
                return []

    def _of_trait(self, of: Type, trait: Path, method: str) -> Target:
        name = through_std(f"<{kind_of(of)} as {plain(trait)}>::{method}")
        code = self._closures.get(without_context(of))
        if code is not None and (method in CALL_METHODS or method == "poll"):
            return ToBody(code)
        trait_name = name_of(trait.segments[-1])
        is_open = is_parameter(of)
        if not is_open and not self._is_own(trait) and not self._mentions_own(of):
            return ToLibrary(
                name
            )  # an impl needs a trait or a type of its own crate ["Trait implementation coherence"]
        found = [
            text
            for header, text in self._methods.get(method, [])
            if header.trait is not None
            and name_of(header.trait.segments[-1]) == trait_name
            and (is_open or fits(header, of))
        ] + self._unplaced.get(method, [])
        default = f"{plain(trait)}::{method}"
        if default in self.functions and (is_open or not found):
            found.append(default)
        if not found:
            return ToOneOf(name, (), True) if is_open or self._is_own(trait) else ToLibrary(name)
        if len(found) == 1 and not is_open:
            return ToBody(found[0])
        return ToOneOf(name, tuple(found), is_open)


def drops_by_type(drops: Iterable[Function]) -> dict[Type, Function]:
    """The bodies of the `coroutine_drop` dumps, by the coroutine that each drops."""
    found = [(code_of(drop.parameters[0]), drop) for drop in drops if drop.parameters]
    return {code: drop for code, drop in found if code is not None}


def library_calls(calls: Iterable[CallSite]) -> dict[str, int]:
    """Every library function that is called, with the number of its calls: most often called first."""
    names = Counter(call.target.name for call in calls if isinstance(call.target, ToLibrary))
    return dict(sorted(names.items(), key=lambda pair: (-pair[1], pair[0])))


def _bodies(tree: MirFile) -> Iterator[tuple[Path, Body]]:
    for item in tree.items:
        match item:
            case Function(path=path, body=body, for_ctfe=False) | ConstantItem(path=path, value=Body() as body):
                yield path, body
            case _:
                pass
