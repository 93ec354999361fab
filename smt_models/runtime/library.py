"""The one table of library functions: what each does, what becomes of ownership, whether it can unwind, and the page.

What is not here is not modelled, and named where it is reached. A model that touches memory checks that it lives.
"""

from __future__ import annotations

from smt_models.runtime import library_cells as cells
from smt_models.runtime import library_memory as memory
from smt_models.runtime import library_options as options
from smt_models.runtime import library_raw as raw
from smt_models.runtime import library_values as values
from smt_models.runtime.library_entry import Entry
from smt_models.runtime.library_entry import entry as _entry
from smt_models.runtime.library_owned import OWNED
from smt_models.runtime.machine import Model

_PIN = "pin/struct.Pin.html"
_CLOSURE = "moves it in; a closure that is not called is dropped"
_FILTER = "moves out, or is dropped"
_OPTION = "option/enum.Option.html"
_RESULT = "result/enum.Result.html"
_MEM = "mem/fn."
_VEC = "vec/struct.Vec.html"
_LAYOUT = "alloc/struct.Layout.html"
_RAW = "primitive.pointer.html"
_NON_NULL = "ptr/struct.NonNull.html"
_SLICE = "primitive.slice.html"
_WAKER = "task/struct.Waker.html"
_POLL = "task/enum.Poll.html"
_MANUALLY = "mem/struct.ManuallyDrop.html"
_NON_ZERO = "num/struct.NonZero.html"
_ATOMIC = "sync/atomic/struct.AtomicU32.html"
_UNINIT = "mem/union.MaybeUninit.html"

FORMAT_PARTS = ";".join(
    f"core::fmt::{of}::{name}"
    for of in ("Arguments", "rt::<impl core::fmt::Arguments>")
    for name in ("new_const", "new_v1", "new_v1_formatted")
)
"""What `format_args!` became up to rustc 1.91, under the two places where its parts stood."""

TABLE: tuple[Entry, ...] = (
    _entry(
        "core::pin::Pin::as_mut;<core::pin::Pin as core::ops::Deref>::deref",
        "the pointer inside",
        "borrows again",
        _PIN,
        values.through,
    ),
    _entry(
        "core::pin::Pin::get_unchecked_mut;core::pin::Pin::new_unchecked;core::pin::Pin::into_inner_unchecked",
        "a pin is its pointer",
        "as the argument",
        _PIN,
        values.same,
    ),
    _entry("core::option::Option::take", "leaves None", "the value moves out", _OPTION, values.option_take),
    _entry("core::option::Option::unwrap", "Some's value, else it panics", "moves out", _OPTION, values.unwrap, True),
    _entry("core::option::Option::is_none", "whether None", "reads", _OPTION, values.is_none),
    _entry("core::option::Option::is_some", "whether Some", "reads", _OPTION, values.is_some),
    _entry(
        "core::option::Option::as_ref;core::option::Option::as_mut",
        "a reference to Some's value",
        "borrows",
        _OPTION,
        values.option_reference,
    ),
    _entry(
        "core::option::Option::and_then",
        "calls on Some's value",
        _CLOSURE,
        _OPTION,
        options.option_and_then,
        True,
    ),
    _entry("<core::option::Option as core::ops::Try>::branch", "of `?`", "moves", "ops/trait.Try.html", cells.branch),
    _entry(
        "<core::option::Option as core::ops::FromResidual>::from_residual",
        "of `?`: None",
        "none",
        "ops/trait.FromResidual.html",
        cells.residual,
    ),
    _entry("core::option::Option::map", "calls on Some's value", _CLOSURE, _OPTION, options.option_map, True),
    _entry("core::task::Poll::map", "calls on Ready's value", _CLOSURE, _POLL, options.poll_map, True),
    _entry(
        "core::option::Option::filter", "None if the closure says no", _FILTER, _OPTION, options.option_filter, True
    ),
    _entry(
        "core::option::Option::replace", "Some of another", "the old one moves out", _OPTION, options.option_replace
    ),
    _entry("core::option::Option::unwrap_or", "Some's value, or the other", "moves", _OPTION, values.option_or),
    _entry(
        "core::option::Option::insert",
        "drops what was there, then holds the value",
        "moves the value in; gives a reference to it",
        _OPTION,
        values.option_insert,
        True,
    ),
    _entry("core::result::Result::unwrap", "Ok's value, else it panics", "moves out", _RESULT, values.unwrap, True),
    _entry("core::mem::replace", "puts the new value, gives the old", "moves both", _MEM + "replace.html", values.swap),
    _entry("core::mem::take", "leaves the default", "moves out", _MEM + "take.html", memory.mem_take),
    _entry("core::mem::forget", "nothing is dropped", "takes it away", _MEM + "forget.html", values.unit),
    _entry("core::mem::drop", "drops its argument", "moves it in", _MEM + "drop.html", values.drop_value, True),
    _entry(
        "<usize as core::convert::TryInto>::try_into;<u32 as core::convert::TryInto>::try_into;"
        "<usize as core::convert::TryFrom>::try_from;<u32 as core::convert::TryFrom>::try_from",
        "Ok: the widths are equal",
        "copies",
        "convert/trait.TryInto.html",
        values.convert,
    ),
    _entry(
        "<&u32 as core::cmp::PartialEq>::eq",
        "whether the numbers are equal",
        "reads",
        "cmp/trait.PartialEq.html",
        values.same_number,
    ),
    _entry(
        "core::num::<impl usize>::wrapping_mul",
        "the product, modulo 2^32",
        "copies",
        "primitive.usize.html",
        values.wrapping_product,
    ),
    _entry("<usize as core::cmp::Ord>::min", "the lesser", "copies", "cmp/trait.Ord.html", values.minimum),
    _entry("core::alloc::Layout::size", "its size", "reads", _LAYOUT, raw.layout_size),
    _entry("core::alloc::Layout::align", "its alignment", "reads", _LAYOUT, raw.layout_align),
    _entry(
        "core::alloc::Layout::from_size_align",
        "Ok, or Err if it is no layout",
        "copies",
        _LAYOUT,
        raw.layout_new,
    ),
    _entry(
        "alloc::alloc::alloc;alloc::alloc::alloc_zeroed",
        "null, or a new block",
        "the caller owns it",
        "alloc/fn.alloc.html",
        memory.allocate,
    ),
    _entry("alloc::alloc::dealloc", "the block ends", "takes the block", "alloc/fn.dealloc.html", memory.deallocate),
    _entry(
        "alloc::alloc::handle_alloc_error",
        "does not return",
        "none",
        "alloc/fn.handle_alloc_error.html",
        values.panics,
        True,
    ),
    _entry("core::ptr::NonNull::new", "None for null", "copies", _NON_NULL, values.non_null),
    _entry("core::ptr::NonNull::as_ptr", "the address", "copies", _NON_NULL, values.non_null_pointer),
    _entry("core::ptr::NonNull::add", "some distance further", "copies", _NON_NULL, values.non_null_add),
    _entry(
        "core::ptr::const_ptr::<impl *const _>::add;core::ptr::mut_ptr::<impl *mut _>::add",
        "some distance further in the same object",
        "copies",
        _RAW,
        values.pointer_add,
    ),
    _entry(
        "core::ptr::const_ptr::<impl *const _>::cast;core::ptr::mut_ptr::<impl *mut _>::cast",
        "the same address",
        "copies",
        _RAW,
        values.pointer_cast,
    ),
    _entry(
        "core::ptr::const_ptr::<impl *const _>::cast_mut;core::ptr::mut_ptr::<impl *mut _>::cast_const",
        "the same address",
        "copies",
        _RAW,
        values.same,
    ),
    _entry(
        "core::ptr::const_ptr::<impl *const _>::is_null;core::ptr::mut_ptr::<impl *mut _>::is_null",
        "whether null",
        "reads",
        _RAW,
        values.is_null,
    ),
    _entry("core::ptr::null_mut;core::ptr::null", "null", "none", "ptr/fn.null_mut.html", values.null),
    _entry(
        "<core::ops::Range as core::iter::IntoIterator>::into_iter;"
        "<core::slice::Iter as core::iter::IntoIterator>::into_iter;"
        "<core::slice::IterMut as core::iter::IntoIterator>::into_iter",
        "an iterator is its own",
        "moves",
        "iter/trait.IntoIterator.html",
        values.same,
    ),
    _entry(
        "<core::ops::Range as core::iter::Iterator>::next",
        "None at the end, else the next number",
        "changes the range",
        "ops/struct.Range.html",
        values.range_next,
    ),
    _entry(
        "core::slice::<impl [_]>::iter;core::slice::<impl [_]>::iter_mut",
        "from the first element to the last",
        "borrows",
        _SLICE,
        memory.slice_iterator,
    ),
    _entry(
        "<core::slice::Iter as core::iter::Iterator>::next;<core::slice::IterMut as core::iter::Iterator>::next",
        "None, or a reference into the slice",
        "borrows",
        "slice/struct.Iter.html",
        memory.slice_next,
    ),
    _entry(
        "core::slice::<impl [_]>::as_mut_ptr;core::slice::<impl [_]>::as_ptr",
        "of its first element",
        "copies",
        _SLICE,
        memory.slice_pointer,
    ),
    _entry("core::slice::<impl [_]>::len", "how many elements", "reads", _SLICE, memory.slice_length),
    _entry("alloc::vec::Vec::spare_capacity_mut", "the rest of the buffer", "borrows", _VEC, memory.vec_spare),
    _entry("alloc::vec::Vec::set_len", "forces the length", "drops nothing", _VEC, memory.vec_set_length),
    _entry(
        "alloc::vec::Vec::push",
        "at the end, after growing the buffer if it is full",
        "moves in; the old block may end",
        _VEC,
        memory.vec_push,
        True,
    ),
    _entry("alloc::vec::Vec::new", "no elements, no block", "the caller owns it", _VEC, memory.vec_new),
    _entry("alloc::vec::Vec::as_ptr;alloc::vec::Vec::as_mut_ptr", "of the buffer", "copies", _VEC, memory.vec_pointer),
    _entry("alloc::vec::Vec::len", "how many elements", "reads", _VEC, memory.vec_length),
    _entry("alloc::vec::Vec::capacity", "of the buffer", "reads", _VEC, memory.vec_capacity),
    _entry("alloc::vec::Vec::from_raw_parts", "of these parts", "owns the block", _VEC, memory.vec_from_parts),
    _entry(
        "<alloc::vec::Vec as core::ops::Deref>::deref;<alloc::vec::Vec as core::ops::DerefMut>::deref_mut;"
        "<alloc::vec::Vec as core::ops::IndexMut>::index_mut",
        "the elements, or a range of them; an index outside panics",
        "borrows",
        _VEC,
        memory.vec_slice,
        True,
    ),
    _entry(
        "alloc::vec::Vec::drain",
        "removes a range when it is dropped; a range outside panics",
        "borrows; the length is less meanwhile",
        _VEC,
        memory.vec_drain,
        True,
    ),
    _entry(
        "drop of alloc::vec::Drain",
        "the rest moves to the front",
        "writes the block",
        "vec/struct.Drain.html",
        memory.drop_drain,
        True,
    ),
    _entry(
        "drop of alloc::vec::Vec;drop of alloc::vec::Vec of MaybeUninit",
        "elements, then the block",
        "ends both",
        _VEC,
        memory.drop_vec,
        True,
    ),
    _entry("core::mem::MaybeUninit::write", "overwrites, drops nothing", "moves in", _UNINIT, memory.uninit_write),
    _entry("core::mem::MaybeUninit::assume_init_read", "a bitwise copy", "copies", _UNINIT, memory.uninit_read),
    _entry("core::mem::ManuallyDrop::new", "wraps", "moves in", _MANUALLY, cells.manually_drop_new),
    _entry(
        "<core::mem::ManuallyDrop as core::ops::Deref>::deref;"
        "<core::mem::ManuallyDrop as core::ops::DerefMut>::deref_mut",
        "what is inside",
        "borrows",
        _MANUALLY,
        cells.manually_drop_deref,
    ),
    _entry("core::mem::ManuallyDrop::take", "what is inside", "moves out", _MANUALLY, cells.manually_drop_take),
    _entry(
        "core::mem::ManuallyDrop::drop", "drops what is inside", "ends it", _MANUALLY, cells.manually_drop_drop, True
    ),
    _entry("core::num::NonZero::new", "None for 0", "copies", _NON_ZERO, cells.non_zero_new),
    _entry("core::num::NonZero::get", "the number", "copies", _NON_ZERO, cells.non_zero_get),
    _entry("core::sync::atomic::AtomicU32::new", "holds the number", "copies", _ATOMIC, cells.atomic_new),
    _entry("core::sync::atomic::AtomicU32::load", "the number", "reads", _ATOMIC, cells.atomic_load),
    _entry("core::sync::atomic::AtomicU32::store", "holds another number", "writes", _ATOMIC, cells.atomic_store),
    _entry("<core::task::Waker as core::clone::Clone>::clone", "another", "new", _WAKER, memory.waker_clone, True),
    _entry("core::task::Waker::wake", "calls the waker's function", "takes it", _WAKER, memory.waker_wake, True),
    _entry("drop of core::task::Waker", "calls its function", "ends it", _WAKER, memory.drop_waker, True),
    _entry("core::task::Context::waker", "a reference", "borrows", "task/struct.Context.html", memory.context_waker),
    _entry(
        "core::panicking::panic;core::panicking::panic_fmt;std::rt::panic_fmt;core::panicking::assert_failed",
        "does not return",
        "none",
        "macro.panic.html",
        values.panics,
        True,
    ),
    _entry(
        "core::fmt::Arguments::from_str;core::fmt::Arguments::from_str_nonconst;core::fmt::Arguments::new;"
        f"{FORMAT_PARTS};core::fmt::rt::Argument::new_debug;"
        "core::fmt::rt::Argument::new_display;core::fmt::rt::Argument::new_lower_hex",
        "what a message is made of",
        "borrows",
        "fmt/struct.Arguments.html",
        values.text,
    ),
    *OWNED,
)

MODELS: dict[str, Model] = {name: entry.model for entry in TABLE for name in entry.names}
