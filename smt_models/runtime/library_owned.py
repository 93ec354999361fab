"""The rows of the table of library functions for what owns a block or wraps a value, and for raw memory."""

from __future__ import annotations

from smt_models.runtime import library_cells as cells
from smt_models.runtime import library_raw as raw
from smt_models.runtime import library_shared as shared
from smt_models.runtime import library_values as values
from smt_models.runtime.library_entry import Entry
from smt_models.runtime.library_entry import entry as _entry
from smt_models.runtime.machine import Model

_RC = "rc/struct.Rc.html"
_WEAK = "rc/struct.Weak.html"
_BOX = "boxed/struct.Box.html"
_CELL = "cell/struct.Cell.html"
_UNSAFE_CELL = "cell/struct.UnsafeCell.html"
_LAYOUT = "alloc/struct.Layout.html"
_RAW = "primitive.pointer.html"
_OPTION = "option/enum.Option.html"
_RESULT = "result/enum.Result.html"

OWNED: tuple[Entry, ...] = (
    _entry("alloc::rc::Rc::new", "a new block with the value", "moves it in", _RC, shared.rc_new),
    _entry("<alloc::rc::Rc as core::clone::Clone>::clone", "another Rc of the value", "shares", _RC, shared.rc_clone),
    _entry("<alloc::rc::Rc as core::ops::Deref>::deref", "a reference to the value", "borrows", _RC, shared.rc_deref),
    _entry("alloc::rc::Rc::ptr_eq", "whether they share one value", "reads", _RC, shared.rc_same),
    _entry("alloc::rc::Rc::as_ptr", "the value's address", "copies", _RC, shared.rc_address),
    _entry("alloc::rc::Rc::downgrade", "does not keep the value", "shares the block", _RC, shared.rc_downgrade),
    _entry("alloc::rc::Weak::as_ptr", "the value's address", "copies", _WEAK, shared.weak_address),
    _entry("alloc::rc::Weak::upgrade", "an Rc if there is still one", "shares", _WEAK, shared.weak_upgrade),
    _entry("drop of alloc::rc::Weak", "one less", "ends it", _WEAK, shared.drop_weak),
    _entry("drop of alloc::rc::Rc", "one less; with the last one the value", "ends it", _RC, shared.drop_rc, True),
    _entry("alloc::boxed::Box::new", "a new block with the value", "moves it in", _BOX, shared.box_new),
    _entry("drop of alloc::boxed::Box", "the value, then the block", "ends both", _BOX, shared.drop_box, True),
    _entry("drop of a slice", "of plain numbers", "ends it", "primitive.slice.html", values.unit),
    _entry("core::cell::Cell::new", "holds the value", "moves it in", _CELL, cells.cell_new),
    _entry("core::cell::Cell::get", "a copy of the value", "copies", _CELL, cells.cell_get),
    _entry("core::cell::Cell::set", "holds another, drops the old one", "moves it in", _CELL, cells.cell_set, True),
    _entry("core::cell::Cell::take", "leaves the default", "moves out", _CELL, cells.cell_take),
    _entry("core::cell::Cell::replace", "holds another, gives the old one", "moves both", _CELL, cells.cell_replace),
    _entry(
        "drop of core::cell::Cell;drop of core::cell::UnsafeCell",
        "drops what it holds",
        "ends it",
        _CELL,
        cells.drop_held,
        True,
    ),
    _entry("core::cell::UnsafeCell::new", "holds the value", "moves it in", _UNSAFE_CELL, raw.unsafe_cell_new),
    _entry("core::cell::UnsafeCell::get", "the address of the value", "borrows", _UNSAFE_CELL, raw.unsafe_cell_get),
    _entry("core::mem::MaybeUninit::uninit", "nothing yet", "none", "mem/union.MaybeUninit.html", raw.uninit),
    _entry("core::mem::size_of", "in bytes", "none", "mem/fn.size_of.html", raw.size_of),
    _entry("core::mem::align_of", "in bytes", "none", "mem/fn.align_of.html", raw.align_of),
    _entry("core::alloc::Layout::array", "of so many, or Err if they do not fit", "copies", _LAYOUT, raw.layout_array),
    _entry("core::alloc::Layout::from_size_align_unchecked", "of these", "copies", _LAYOUT, raw.layout_unchecked),
    _entry("core::ptr::NonNull::dangling", "of no object", "none", "ptr/struct.NonNull.html", raw.dangling),
    _entry(
        "core::ptr::mut_ptr::<impl *mut _>::read;core::ptr::const_ptr::<impl *const _>::read",
        "a bitwise copy",
        "copies",
        _RAW,
        raw.read,
    ),
    _entry("core::ptr::mut_ptr::<impl *mut _>::write", "overwrites, drops nothing", "moves it in", _RAW, raw.write),
    _entry("core::ptr::mut_ptr::<impl *mut _>::write_bytes", "overwrites with a byte", "copies", _RAW, raw.write_bytes),
    _entry("core::option::Option::expect", "Some's value, else it panics", "moves out", _OPTION, values.unwrap, True),
    _entry("core::result::Result::expect", "Ok's value, else it panics", "moves out", _RESULT, values.unwrap, True),
    _entry("core::result::Result::is_err", "whether Err", "reads", _RESULT, values.is_err),
    _entry("core::mem::swap", "each the other's value", "moves both", "mem/fn.swap.html", values.swap_places),
    _entry("std::thread::panicking", "whether a panic unwinds", "none", "thread/fn.panicking.html", values.panicking),
    _entry("std::process::abort", "does not return", "none", "process/fn.abort.html", values.aborts),
)

TRAIT_MODELS: dict[str, Model] = {"core::cmp::PartialEq>::ne": values.not_equal}
"""Provided methods, by trait and name, whatever implements it: `cmp/trait.PartialEq.html#method.ne`."""
