"""Names that are in scope without an import (reference, "Preludes"), and the traits that `derive` knows.

Paths are those of the library's documentation; `core` and `alloc` are re-exported by `std` under the same paths.
"""

from __future__ import annotations

_CORE = """
core::clone::Clone core::cmp::Eq core::cmp::Ord core::cmp::PartialEq core::cmp::PartialOrd core::convert::AsMut
core::convert::AsRef core::convert::From core::convert::Into core::convert::TryFrom core::convert::TryInto
core::default::Default core::iter::DoubleEndedIterator core::iter::ExactSizeIterator core::iter::Extend
core::iter::FromIterator core::iter::IntoIterator core::iter::Iterator core::marker::Copy core::marker::Send
core::marker::Sized core::marker::Sync core::marker::Unpin core::mem::drop core::ops::Drop core::ops::Fn
core::ops::FnMut core::ops::FnOnce core::option::Option core::option::Option::None core::option::Option::Some
core::result::Result core::result::Result::Err core::result::Result::Ok core::future::Future core::future::IntoFuture
core::ops::AsyncFn core::ops::AsyncFnMut core::ops::AsyncFnOnce core::mem::size_of core::mem::align_of
"""
_STD = "alloc::borrow::ToOwned alloc::boxed::Box alloc::string::String alloc::string::ToString alloc::vec::Vec"
_DERIVES = """
core::clone::Clone core::cmp::Eq core::cmp::Ord core::cmp::PartialEq core::cmp::PartialOrd core::default::Default
core::fmt::Debug core::hash::Hash core::marker::Copy
"""


def _by_name(paths: str) -> dict[str, str]:
    return {path.rpartition("::")[2]: path for path in paths.split()}


CORE_PRELUDE = _by_name(_CORE)
STD_PRELUDE = CORE_PRELUDE | _by_name(_STD)
DERIVES = _by_name(_DERIVES)
STANDARD_CRATES = frozenset({"alloc", "core", "std", "proc_macro", "test"})
PRIMITIVES = frozenset(
    "bool char str i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 f16 f128".split()  # noqa: SIM905
)
