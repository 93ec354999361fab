"""Statics that others can name: what they are passed to is a call like any other, and no way to them is missed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import assert_proved, assert_refuted, verdicts_of_source

from proofs.static_pools import judge
from proofs.verdicts import Proved, Refuted, Unknown

CELLS = "use core::cell::{Cell, UnsafeCell};\n"
RING = (
    CELLS + "pub struct Ring { data: UnsafeCell<[u8; 2]>, head: Cell<u8>, len: Cell<u8> }\n"
    "unsafe impl Sync for Ring {}\n"
    "pub static RING: Ring = Ring { data: UnsafeCell::new([0; 2]), head: Cell::new(0), len: Cell::new(0) };\n"
    "impl Ring {\n    pub fn push(&self, byte: u8) -> bool {\n"
    "        if self.len.get() >= 2 { return false; }\n"
    "        let at = (self.head.get() + self.len.get()) as usize % 2;\n"
    "        unsafe { (*self.data.get())[at] = byte; }\n        self.len.set(self.len.get() + 1);\n"
    "        true\n    }\n"
    "    pub fn pop(&self) -> Option<u8> {\n        if self.len.get() == 0 { return None; }\n"
    "        let byte = unsafe { (*self.data.get())[self.head.get() as usize].clone() };\n"
    "        self.head.set((self.head.get() + 1) % 2);\n        self.len.set(self.len.get() - 1);\n"
    "        Some(byte)\n    }\n}\n"
)
SLOTS = (
    CELLS + "use core::sync::atomic::{AtomicBool, Ordering};\n"
    "pub struct Slots<const N: usize> { blocks: UnsafeCell<[[u8; 64]; N]>, used: [AtomicBool; N] }\n"
    "unsafe impl<const N: usize> Sync for Slots<N> {}\n"
    "pub static SLOTS: Slots<4> = Slots { blocks: UnsafeCell::new([[0; 64]; 4]), "
    "used: [const { AtomicBool::new(false) }; 4] };\n"
    "impl<const N: usize> Slots<N> {\n    pub fn take(&self) -> Option<*mut u8> {\n        for at in 0..N {\n"
    "            if self.used[at].compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok() {\n"
    "                let first = self.blocks.get() as *mut [u8; 64];\n"
    "                return Some(unsafe { first.add(at) } as *mut u8);\n            }\n        }\n"
    "        None\n    }\n}\n"
)
BITS = (
    "use core::sync::atomic::{AtomicU32, Ordering};\nconst N: u32 = 3;\nstatic USED: AtomicU32 = AtomicU32::new(0);\n"
    "static mut BLOCKS: [[u8; 128]; N as usize] = [[0; 128]; N as usize];\n"
    "pub fn take() -> Option<*mut u8> {\n    let mut got = None;\n"
    "    let _ = USED.fetch_update(Ordering::AcqRel, Ordering::Acquire, |bits| {\n"
    "        let free = (!bits).trailing_zeros();\n        if free >= N { return None; }\n"
    "        got = Some(free);\n        Some(bits | (1 << free))\n    });\n"
    "    got.map(|at| unsafe { core::ptr::addr_of_mut!(BLOCKS[at as usize]) as *mut u8 })\n}\n"
)
STACK = (
    "static mut FREE: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];\nstatic mut LEFT: usize = 8;\n"
    "static mut CELLS: [u64; 8] = [0; 8];\npub fn take() -> Option<&'static mut u64> {\n    unsafe {\n"
    "        if LEFT == 0 { return None; }\n        LEFT -= 1;\n"
    "        Some(&mut *(&raw mut CELLS[FREE[LEFT] as usize]))\n    }\n}\n"
)
QUEUE = (
    "use core::cell::UnsafeCell;\nuse core::mem::MaybeUninit;\nuse core::sync::atomic::{AtomicUsize, Ordering::*};\n"
    "pub struct Queue<T, const N: usize> {\n"
    "    items: UnsafeCell<[MaybeUninit<T>; N]>,\n    head: AtomicUsize,\n    tail: AtomicUsize,\n}\n"
    "unsafe impl<T: Send, const N: usize> Sync for Queue<T, N> {}\nimpl<T, const N: usize> Queue<T, N> {\n"
    "    pub const fn new() -> Self {\n        Queue {\n"
    "            items: UnsafeCell::new([const { MaybeUninit::uninit() }; N]),\n"
    "            head: AtomicUsize::new(0),\n            tail: AtomicUsize::new(0),\n        }\n    }\n"
    "    pub fn push(&self, item: T) -> Result<(), T> {\n        let tail = self.tail.load(Relaxed);\n"
    "        let next = (tail + 1) % N;\n        if next == self.head.load(Acquire) { return Err(item); }\n"
    "        unsafe { (*self.items.get())[tail].write(item); }\n        self.tail.store(next, Release);\n"
    "        Ok(())\n    }\n"
    "    pub fn pop(&self) -> Option<T> {\n        let head = self.head.load(Relaxed);\n"
    "        if head == self.tail.load(Acquire) { return None; }\n"
    "        let item = unsafe { (*self.items.get())[head].assume_init_read() };\n"
    "        self.head.store((head + 1) % N, Release);\n        Some(item)\n    }\n}\n"
    "pub static QUEUE: Queue<u32, 3> = Queue::new();\n"
    "pub fn event(code: u32) -> bool { QUEUE.push(code).is_ok() }\n"
)
LINKS = (
    "const NONE: u16 = u16::MAX;\nstruct Free { next: [u16; 4], head: u16 }\n"
    "static mut FREE: Free = Free { next: [1, 2, 3, NONE], head: 0 };\n"
    "static mut DATA: [[u8; 32]; 4] = [[0; 32]; 4];\npub fn take() -> Option<&'static mut [u8; 32]> {\n"
    "    unsafe {\n        let at = FREE.head;\n        if at == NONE { return None; }\n"
    "        FREE.head = FREE.next[at as usize];\n        Some(&mut DATA[at as usize])\n    }\n}\n"
)
RIGHT = {
    "a list that ends with the greatest number": (LINKS, "DATA", ("index-in-bounds", "range-in-bounds", "disjoint")),
    "a queue of any type": (QUEUE, "QUEUE", ("index-in-bounds",)),
    "a ring by its methods": (RING, "RING", ("index-in-bounds",)),
    "slots of a number that the type says": (SLOTS, "SLOTS", ("index-in-bounds", "range-in-bounds", "disjoint")),
    "slots by the bits of a word": (BITS, "BLOCKS", ("index-in-bounds", "range-in-bounds", "disjoint")),
    "a stack of numbers": (STACK, "CELLS", ("index-in-bounds", "range-in-bounds", "disjoint")),
}


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_proved(name: str, tmp_path: Path) -> None:
    source, pool, kinds = RIGHT[name]
    assert_proved(verdicts_of_source(source, tmp_path, (pool,), kinds), pool, kinds)


BROKEN = {
    "a link twice": (LINKS, "DATA", "[1, 2, 3, NONE]", "[1, 1, 3, NONE]", "disjoint"),
    "another end": (LINKS, "FREE", "at == NONE", "at == NONE - 1", "index-in-bounds"),
    "one further": (RING, "RING", "(self.head.get() + 1) % 2", "(self.head.get() + 1) % 3", "index-in-bounds"),
    "one slot too many": (SLOTS, "SLOTS", "0..N", "0..N + 1", "index-in-bounds"),
    "not marked": (SLOTS, "SLOTS", "change(false, true,", "change(false, false,", "disjoint"),
    "an instance that is longer": (SLOTS, "SLOTS", "[[u8; 64]; N]>,", "[[u8; 64]; 2]>,", "range-in-bounds"),
    "one bit too many": (BITS, "BLOCKS", "free >= N", "free > N", "index-in-bounds"),
    "the wrong bit": (BITS, "BLOCKS", "1 << free", "2 << free", "disjoint"),
    "a number twice": (STACK, "CELLS", "4, 5, 6, 7]", "4, 5, 6, 6]", "disjoint"),
    "never fewer": (STACK, "FREE", "LEFT -= 1;", "", "index-in-bounds"),
}


@pytest.mark.parametrize("change", BROKEN)
def test_its_twin_is_refuted(change: str, tmp_path: Path) -> None:
    source, pool, old, new, kind = BROKEN[change]
    assert old in source
    changed = source.replace(old, new)
    if change == "an instance that is longer":
        changed = changed.replace("UnsafeCell::new([[0; 64]; 4])", "UnsafeCell::new([[0; 64]; 2])")
    assert_refuted(verdicts_of_source(changed, tmp_path, (pool,), (kind,))[pool, kind].verdict)


def test_where_elements_are_not_kept_the_crate_has_to_show_it(tmp_path: Path) -> None:
    """By the model what is in the queue may be anything: its calls are run on the crate before they count."""
    source = QUEUE.replace("(tail + 1) % N", "(tail + 1) % (N + 1)")
    verdict = verdicts_of_source(source, tmp_path, ("QUEUE",), ("index-in-bounds",))["QUEUE", "index-in-bounds"].verdict
    assert isinstance(verdict, Unknown)
    assert verdict.reason.startswith("the model allows ")


KEPT = (
    CELLS + "pub struct Ring { data: UnsafeCell<[u32; 8]>, next: Cell<usize> }\nunsafe impl Sync for Ring {}\n"
    "pub static RING: Ring = Ring { data: UnsafeCell::new([0; 8]), next: Cell::new(0) };\n"
    "pub fn put(value: u32) {\n    let at = RING.next.get();\n    unsafe { (*RING.data.get())[at] = value; }\n"
    "    RING.next.set((at + 1) % 8);\n}\n"
)
PRIVATE = {"pub static RING": "static RING"}
WAYS = {
    "a method": (KEPT + "impl Ring { pub fn set(&self, at: usize) { self.next.set(at) } }\n", {}),
    "a method of a trait": (
        KEPT + "pub trait Sets { fn set(&self, at: usize); }\n"
        "impl Sets for Ring { fn set(&self, at: usize) { self.next.set(at) } }\n",
        {},
    ),
    "a method for all arguments of the type": (
        KEPT + "impl<T> Ring<T> { pub fn set(&self, at: usize) { self.next.set(at) } }\n",
        {
            "pub struct Ring {": "pub struct Ring<T> { of: Cell<T>,",
            "Sync for Ring": "Sync for Ring<u8>",
            "RING: Ring = Ring {": "RING: Ring<u8> = Ring { of: Cell::new(0),",
        },
    ),
    "a struct that others make": (
        KEPT + "pub struct Holder<'a> { pub ring: &'a Ring }\n"
        "impl Holder<'_> { pub fn set(&self, at: usize) { self.ring.next.set(at) } }\n",
        {},
    ),
    "a struct that a macro makes": (
        KEPT
        + "macro_rules! held { ($name:ident) => { pub struct $name<'a> { pub ring: &'a Ring } } }\nheld!(Holder);\n"
        "impl Holder<'_> { pub fn set(&self, at: usize) { self.ring.next.set(at) } }\n",
        {},
    ),
    "a struct that holds what holds it": (
        KEPT + "pub struct Inner<T> { pub of: T }\npub enum Outer<'a> { None, One(Inner<&'a Ring>) }\n"
        "pub fn set(outer: Outer<'_>, at: usize) { if let Outer::One(one) = outer { one.of.next.set(at) } }\n",
        {},
    ),
    "a type by another name": (
        KEPT + "pub type Other = Ring;\npub struct Holder<'a>(pub &'a Other);\n"
        "impl Holder<'_> { pub fn set(&self, at: usize) { self.0.next.set(at) } }\n",
        {},
    ),
    "a private function between": (
        KEPT + "pub struct Holder<'a>(pub &'a Ring);\nfn inner(ring: &Ring, at: usize) { ring.next.set(at) }\n"
        "impl Holder<'_> { pub fn set(&self, at: usize) { inner(self.0, at) } }\n",
        {},
    ),
    "a parameter of any type": (
        KEPT + "pub fn set<T: AsRef<Ring>>(of: T, at: usize) { of.as_ref().next.set(at) }\n",
        {},
    ),
    "a closure that it is given to": (
        KEPT + "pub fn setter(ring: &'static Ring) -> impl Fn(usize) { move |at| ring.next.set(at) }\n",
        {},
    ),
    "a slice of references": (
        KEPT + "pub fn set(all: &[&Ring], at: usize) { for one in all { one.next.set(at) } }\n",
        {},
    ),
    "a constant that refers to it": (
        KEPT + "pub const IT: &Ring = &RING;\nimpl Ring { pub fn set(&self, at: usize) { self.next.set(at) } }\n",
        PRIVATE,
    ),
    "a constant of a trait": (
        KEPT + "pub trait Has { const IT: &'static Ring; }\nimpl Has for u8 { const IT: &'static Ring = &RING; }\n"
        "impl Ring { pub fn set(&self, at: usize) { self.next.set(at) } }\n",
        PRIVATE,
    ),
    "a constant of a type": (
        KEPT + "pub struct Has;\nimpl Has { pub const IT: &'static Ring = &RING; }\n"
        "impl Ring { pub fn set(&self, at: usize) { self.next.set(at) } }\n",
        PRIVATE,
    ),
    "a static that refers to it": (
        KEPT
        + "pub static ALL: [&Ring; 1] = [&RING];\nimpl Ring { pub fn set(&self, at: usize) { self.next.set(at) } }\n",
        PRIVATE,
    ),
    "a constant by a function": (
        KEPT + "const fn it() -> &'static Ring { &RING }\npub const IT: &Ring = it();\n"
        "impl Ring { pub fn set(&self, at: usize) { self.next.set(at) } }\n",
        PRIVATE,
    ),
    "a constant by another": (
        KEPT + "const HERE: &Ring = &RING;\npub const IT: &Ring = HERE;\n"
        "impl Ring { pub fn set(&self, at: usize) { self.next.set(at) } }\n",
        PRIVATE,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_it_is_missed(way: str, tmp_path: Path) -> None:
    source, changes = WAYS[way]
    for old, new in changes.items():
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    verdict = verdicts_of_source(source, tmp_path, ("RING",), ("index-in-bounds",))["RING", "index-in-bounds"].verdict
    assert isinstance(verdict, Refuted | Unknown), verdict


def test_without_such_a_way_it_is_proved(tmp_path: Path) -> None:
    source = KEPT + "pub struct Other { pub at: usize }\npub fn at(of: &Other) -> usize { of.at }\n"
    assert isinstance(
        verdicts_of_source(source, tmp_path, ("RING",), ("index-in-bounds",))["RING", "index-in-bounds"].verdict, Proved
    )


ARENA = (
    CELLS + "#[repr(C, align(16))]\npub struct Arena { memory: UnsafeCell<[u8; 64]>, next: Cell<u32> }\n"
    "unsafe impl Sync for Arena {}\n"
    "static ARENA: Arena = Arena { memory: UnsafeCell::new([0; 64]), next: Cell::new(0) };\n"
    "pub fn take(size: usize, align: usize) -> *mut u8 {\n"
    "    if !align.is_power_of_two() || align > 16 || size > 64 { return core::ptr::null_mut(); }\n"
    "    let start = (ARENA.next.get() as usize + align - 1) & !(align - 1);\n"
    "    if start + size > 64 { return core::ptr::null_mut(); }\n    ARENA.next.set((start + size) as u32);\n"
    "    unsafe { (ARENA.memory.get() as *mut u8).add(start) }\n}\n"
)
ORDER = ("{ memory: UnsafeCell<[u8; 64]>, next: Cell<u32> }", "{ next: Cell<u32>, memory: UnsafeCell<[u8; 64]> }")
INNER = ("UnsafeCell<[u8; 64]>", "UnsafeCell<Inner>", "new([0; 64])", "new(Inner([0; 64]))")
PLACED: dict[str, tuple[tuple[tuple[str, str], ...], bool]] = {
    "first of C": ((), True),
    "first of C, of a smaller alignment": ((("align(16)", "align(8)"),), False),
    "second of C": ((ORDER,), False),
    "second of C, asked for less": ((ORDER, ("align > 16", "align > 4")), True),
    "anywhere": ((("repr(C, align(16))", "repr(align(16))"),), False),
    "second, of a type that is aligned": (
        (
            ORDER,
            (INNER[0], INNER[1]),
            (INNER[2], INNER[3]),
            ("(ARENA.memory.get() as *mut u8)", "(&raw mut (*ARENA.memory.get()).0).cast::<u8>()"),
            ("#[repr(C, align(16))]", "#[repr(align(16))]\nstruct Inner([u8; 64]);\n"),
        ),
        True,
    ),
}


@pytest.mark.parametrize("place", PLACED)
def test_where_an_array_lies_in_its_static(place: str, tmp_path: Path) -> None:
    changes, is_aligned = PLACED[place]
    source = ARENA
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new, 1)
    verdict = verdicts_of_source(source, tmp_path, ("ARENA",), ("aligned",))["ARENA", "aligned"].verdict
    assert isinstance(verdict, Proved if is_aligned else Refuted), verdict


LAYOUT = (
    "use core::alloc::{GlobalAlloc, Layout};\n" + CELLS + "#[repr(C, align(16))]\n"
    "pub struct Arena { memory: UnsafeCell<[u8; 64]>, next: Cell<usize> }\nunsafe impl Sync for Arena {}\n"
    "pub static ARENA: Arena = Arena { memory: UnsafeCell::new([0; 64]), next: Cell::new(0) };\n"
    "unsafe impl GlobalAlloc for Arena {\n    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {\n"
    "        if layout.align() > 16 { return core::ptr::null_mut(); }\n"
    "        let start = (self.next.get() + layout.align() - 1) & !(layout.align() - 1);\n"
    "        match start.checked_add(layout.size()) {\n            Some(end) if end <= 64 => {\n"
    "                self.next.set(end);\n                unsafe { (self.memory.get() as *mut u8).add(start) }\n"
    "            }\n            _ => core::ptr::null_mut(),\n        }\n    }\n"
    "    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}\n}\n"
)
LAYOUTS: dict[str, tuple[tuple[str, str], dict[str, type]]] = {
    "right": (("", ""), {"range-in-bounds": Proved, "aligned": Proved, "disjoint": Proved}),
    "any alignment": (("layout.align() > 16", "layout.align() > 32"), {"aligned": Refuted, "disjoint": Proved}),
    "not recorded": (("self.next.set(end)", "self.next.set(start)"), {"disjoint": Refuted, "aligned": Proved}),
    "one too many": (("end <= 64", "end <= 65"), {"range-in-bounds": Refuted}),
    "what is given back is kept": (
        ("next: Cell<usize> }", "next: Cell<usize>, last: Cell<*mut u8> }"),
        {"disjoint": Unknown},
    ),
}


@pytest.fixture
def short_runs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Are looked for: what is Unknown is so by what is not known of it, however far is searched."""
    monkeypatch.setattr(judge, "DEEP", judge.SHALLOW)


@pytest.mark.usefixtures("short_runs_alone")
@pytest.mark.parametrize("change", LAYOUTS)
def test_the_allocator_of_a_program(change: str, tmp_path: Path) -> None:
    (old, new), wanted = LAYOUTS[change]
    source = LAYOUT.replace(old, new) if old else LAYOUT
    if "last" in new:
        source = source.replace("next: Cell::new(0) }", "next: Cell::new(0), last: Cell::new(core::ptr::null_mut()) }")
        source = source.replace("_: *mut u8, _: Layout) {}", "at: *mut u8, _: Layout) { self.last.set(at) }")
    found = verdicts_of_source(source, tmp_path, ("ARENA",), wanted)
    for kind, verdict in wanted.items():
        assert isinstance(found["ARENA", kind].verdict, verdict), (kind, found["ARENA", kind])


@pytest.mark.usefixtures("short_runs_alone")
def test_a_pointer_from_outside_is_not_given_back(tmp_path: Path) -> None:
    source = LAYOUT + "pub fn same(at: *mut u8) -> *mut u8 { ARENA.next.get(); at }\n"
    verdict = verdicts_of_source(source, tmp_path, ("ARENA",), ("disjoint",))["ARENA", "disjoint"].verdict
    assert isinstance(verdict, Unknown)
    assert "a raw pointer from outside" in verdict.reason
