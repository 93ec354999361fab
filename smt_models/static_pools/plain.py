"""Types and statics by themselves: what nobody can write, what the linker shows, what has a `Drop`."""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir import types as t
from extract.mir.tree import ConstantItem, ConstantKind
from extract.rust.items import Constant, Function
from smt_models.runtime.names import plain_type
from smt_models.runtime.program import Program

_EXPORTED = ("no_mangle", "export_name")


@dataclass(frozen=True, slots=True)
class Static:
    """`frozen`: nothing can write it, by its type."""

    name: str
    item: ConstantItem
    declared: Constant | None

    @property
    def frozen(self) -> bool:
        return self.item.kind is ConstantKind.STATIC and is_plain(self.item.type)

    @property
    def is_open(self) -> bool:
        """Whether others can name it: it is public or exported, or no declaration of it was found."""
        return not self.frozen and (
            self.declared is None or self.declared.visible == "pub" or is_exported(self.declared)
        )


def is_exported(one: Function | Constant) -> bool:
    """`#[no_mangle]`, `#[unsafe(no_mangle)]`."""
    return any(word in f"{attribute.path}{attribute.arguments}" for attribute in one.attributes for word in _EXPORTED)


def with_drop(program: Program) -> frozenset[str]:
    """The types of the crate that have a `Drop`, by its bodies: macros make some of which the sources say nothing."""
    found: set[str] = set()
    for name, one in program.functions.items():
        match one.parameters:
            case (t.Reference(_, True, t.PathType() as target),) if name.endswith(">::drop"):
                found.add(plain_type(target))
            case _:
                pass
    return frozenset(found)


def is_plain(of: t.Type) -> bool:
    """Numbers, and what is made of nothing else: no part of it can be written through a shared reference."""
    match of:
        case t.Primitive():
            return True
        case t.Array(element, _) | t.Slice(element):
            return is_plain(element)
        case t.Tuple(elements):
            return all(map(is_plain, elements))
        case t.Reference(_, False, target):
            return is_plain(target)
        case _:
            return False


def only_reads(of: t.Type) -> bool:
    """Nobody can write through it."""
    match of:
        case t.Reference(_, False, target):
            return is_plain(target)
        case t.Tuple(elements):
            return all(map(only_reads, elements))
        case t.PathType(t.Path((*_, t.Name("Option", (inner,))))) if plain_type(of) == "core::option::Option":
            return isinstance(inner, t.Reference | t.Primitive) and only_reads(inner)
        case _:
            return is_plain(of)
