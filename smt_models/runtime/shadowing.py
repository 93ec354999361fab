"""Items of a crate that MIR prints as it prints others: names alone then do not say which is meant.

MIR prints what is in the crate without its name: a function of `mod core` like one of the library, one of `mod util`
like one of the crate `util`, a struct `u8` at the root, or a parameter of that name, like the number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from extract.mir.types import PRIMITIVES
from extract.rust.items import CrateFacts

_WORD = re.compile(r"\w+")
_TRAITS = {
    "any": "Any",
    "borrow": "Borrow BorrowMut ToOwned",
    "clone": "Clone",
    "cmp": "Eq Ord PartialEq PartialOrd",
    "convert": "AsMut AsRef From Into TryFrom TryInto",
    "default": "Default",
    "error": "Error",
    "fmt": "Binary Debug Display LowerExp LowerHex Octal Pointer UpperExp UpperHex Write",
    "future": "Future IntoFuture",
    "hash": "BuildHasher Hash Hasher",
    "iter": "DoubleEndedIterator ExactSizeIterator Extend FromIterator FusedIterator IntoIterator Iterator Product Sum",
    "marker": "Copy Send Sized Sync Unpin",
    "ops": "Add AddAssign AsyncFn AsyncFnMut AsyncFnOnce BitAnd BitAndAssign BitOr BitOrAssign BitXor BitXorAssign "
    "Deref DerefMut Div DivAssign Drop Fn FnMut FnOnce Index IndexMut Mul MulAssign Neg Not RangeBounds Rem RemAssign "
    "Shl ShlAssign Shr ShrAssign Sub SubAssign",
    "slice": "SliceIndex",
    "str": "FromStr",
    "string": "ToString",
    "task": "Wake",
}
_OF_THE_LIBRARY = frozenset(f"{module}::{name}" for module, names in _TRAITS.items() for name in names.split())
"""Traits of `core` and `alloc` that crates implement or call, as implementations are known by: without the crate."""


def shadowing(facts: CrateFacts, functions: Iterable[str], dependencies: Collection[str] = ()) -> str | None:
    """What is named like the library, a crate that is depended on, or a primitive type; None if nothing is.
    `functions`: names of bodies.
    """
    modules = {one.path.removeprefix("crate::") for one in facts.modules}
    made = {one.partition("::")[0] for one in functions if "::" in one}  # by macros, too
    for one in ("alloc", "core", "std"):  # `alloc::__export` is the library's
        if one in modules or (one != "alloc" and one in made):
            return f"the module {one}, whose functions are not the library's of that name"
    for one in sorted(_OF_THE_LIBRARY & {one.path.removeprefix("crate::") for one in facts.traits}):
        return f"the trait {one}, whose implementations are not those of the library's of that name"
    paths = [one.path for one in facts.structs] + [one.path for one in facts.enums]
    types = {one.removeprefix("crate::") for one in paths}
    for one in sorted(set(dependencies) & {*modules, *made, *types}):
        return f"{one}, as which the crate {one} that is depended on is printed, too"
    not_understood = chain.from_iterable(_WORD.findall(one.reason) for one in facts.unread)
    for name in sorted(PRIMITIVES & {*types, *parameter_names(facts), *not_understood}):
        return f"the type {name}, which is not the primitive one"
    return None


def parameter_names(facts: CrateFacts) -> Iterator[str]:
    """Of all functions and what is around them: MIR prints them as it prints items at the root of the crate."""
    methods = (one for made in facts.implementations for one in made.methods)
    provided = (one for trait in facts.traits for one in trait.methods)
    for one in chain(facts.functions, methods, provided):
        yield from one.environment.generics
