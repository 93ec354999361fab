"""What dropping a type of the standard library does, each with the documentation that says so.

Types are keyed by their path without the crate: `core`, `alloc` and `std` re-export one another under the same paths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DOCUMENTATION = "https://doc.rust-lang.org/std/"

Action = Literal["nothing", "contents", "variants", "owned", "elements", "entries", "shared", "callback"]
"""`contents`: what it holds is dropped in place. `variants`: that of the variant. `owned`: the contents, then the heap
block. `elements`: those, first to last, then the heap block. `entries`: keys and values, then heap blocks, in an order
that is not promised. `shared`: a count goes down; when it reaches zero the contents, and the heap block when no weak
one is left. `callback`: a function pointer is called."""


@dataclass(frozen=True, slots=True)
class LibraryType:
    """`variants` are names with the numbers of the generic arguments that they hold."""

    path: str
    action: Action
    citation: str
    variants: tuple[tuple[str, tuple[int, ...]], ...] = ()


def _page(path: str, kind: str = "struct") -> str:
    module, _, name = path.rpartition("::")
    return f"{DOCUMENTATION}{module.replace('::', '/')}/{kind}.{name}.html"


_NOTHING = """
alloc::Layout any::TypeId fmt::Arguments fmt::Error marker::PhantomData marker::PhantomPinned
mem::Discriminant mem::ManuallyDrop mem::MaybeUninit num::NonZero num::NonZeroI16 num::NonZeroI32 num::NonZeroI64
num::NonZeroI8 num::NonZeroU16 num::NonZeroU32 num::NonZeroU64 num::NonZeroU8 num::NonZeroUsize panic::Location
ptr::NonNull sync::atomic::AtomicBool sync::atomic::AtomicI32 sync::atomic::AtomicI64 sync::atomic::AtomicIsize
sync::atomic::AtomicPtr sync::atomic::AtomicU16 sync::atomic::AtomicU32 sync::atomic::AtomicU64
sync::atomic::AtomicU8 sync::atomic::AtomicUsize task::Context task::RawWaker task::RawWakerVTable time::Duration
time::Instant
"""
_NOTHING_ENUMS = "cmp::Ordering sync::atomic::Ordering convert::Infallible"
_CONTENTS = """
cell::Cell cell::OnceCell cell::RefCell cell::UnsafeCell cmp::Reverse num::Wrapping panic::AssertUnwindSafe pin::Pin
sync::Mutex sync::OnceLock sync::RwLock ops::Range ops::RangeFrom ops::RangeInclusive ops::RangeTo
"""
_ELEMENTS = "vec::Vec collections::VecDeque vec::IntoIter collections::LinkedList collections::BinaryHeap"
_ENTRIES = "collections::BTreeMap collections::BTreeSet collections::HashMap collections::HashSet"
_SHARED = "rc::Rc sync::Arc rc::Weak sync::Weak"


def _table() -> dict[str, LibraryType]:
    found: dict[str, LibraryType] = {}
    plain: tuple[tuple[str, Action, str], ...] = (
        (_NOTHING, "nothing", "struct"),
        (_NOTHING_ENUMS, "nothing", "enum"),
        (_CONTENTS, "contents", "struct"),
        (_ELEMENTS, "elements", "struct"),
        (_ENTRIES, "entries", "struct"),
        (_SHARED, "shared", "struct"),
        ("boxed::Box string::String", "owned", "struct"),
        ("task::Waker", "callback", "struct"),
    )
    for paths, action, kind in plain:
        for path in paths.split():
            found[path] = LibraryType(path, action, _page(path, kind))
    for path, variants in (
        ("option::Option", (("None", ()), ("Some", (0,)))),
        ("result::Result", (("Ok", (0,)), ("Err", (1,)))),
        ("task::Poll", (("Ready", (0,)), ("Pending", ()))),
        ("ops::ControlFlow", (("Continue", (1,)), ("Break", (0,)))),
    ):
        found[path] = LibraryType(path, "variants", _page(path, "enum"), variants)
    return found


_TYPES = _table()
_CRATES = ("core::", "alloc::", "std::")


def library_type(path: str) -> LibraryType | None:
    """The entry of a path that starts with one of the library's crates."""
    for crate in _CRATES:
        if path.startswith(crate):
            return _TYPES.get(path.removeprefix(crate))
    return None


def standard_path(path: str) -> str:
    """Without the crate, where it is one of the library's."""
    first, _, rest = path.partition("::")
    return rest if f"{first}::" in _CRATES else path
