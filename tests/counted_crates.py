"""Crates that go wrong with the elements they are given, by what they change of one that does not: none is ever proved.

`COUNTED` lends its elements as they are in memory; `LOWERED` one element that it lowers to a block of four bytes.
"""

from __future__ import annotations

COUNTED = """
pub struct Counted<O: StreamOps> {
    owned: Option<Owned>,
    values: Vec<MaybeUninit<O::Payload>>,
    ops: O,
    cursor: usize,
}
impl<O: StreamOps> Counted<O> {
    pub fn new(mut given: Vec<O::Payload>, ops: O) -> Counted<O> {
        let values = unsafe {
            let (start, length, capacity) = (given.as_mut_ptr(), given.len(), given.capacity());
            core::mem::forget(given);
            Vec::<MaybeUninit<O::Payload>>::from_raw_parts(start.cast(), length, capacity)
        };
        assert!(ops.native_abi_matches_canonical_abi() && !ops.contains_lists());
        Counted { owned: None, values, ops, cursor: 0 }
    }
    pub fn abi_ptr_and_len(&self) -> (*const u8, usize) {
        unsafe { (self.values.as_ptr().add(self.cursor).cast(), self.values.len() - self.cursor) }
    }
    pub fn advance(&mut self, count: usize) {
        assert!(count <= self.values.len() - self.cursor);
        self.cursor += count;
    }
    pub fn into_vec(mut self) -> Vec<O::Payload> {
        self.left()
    }
    fn left(&mut self) -> Vec<O::Payload> {
        let mut values = core::mem::take(&mut self.values);
        values.drain(..self.cursor);
        self.cursor = 0;
        unsafe {
            let (start, length, capacity) = (values.as_mut_ptr(), values.len(), values.capacity());
            core::mem::forget(values);
            Vec::<O::Payload>::from_raw_parts(start.cast(), length, capacity)
        }
    }
}
impl<O: StreamOps> Drop for Counted<O> {
    fn drop(&mut self) {
        let _ = self.left();
        self.owned = None;
    }
}
"""
LOWERED = """
pub struct Counted<O: StreamOps> {
    owned: Option<Owned>,
    spare: Option<Owned>,
    values: Vec<MaybeUninit<O::Payload>>,
    ops: O,
    cursor: usize,
}
fn owned(layout: Layout) -> Owned {
    match NonNull::new(unsafe { alloc(layout) }) {
        Some(start) => Owned { start, size: layout.size() },
        None => handle_alloc_error(layout),
    }
}
impl<O: StreamOps> Counted<O> {
    pub fn new(mut given: Vec<O::Payload>, mut ops: O) -> Counted<O> {
        let values = unsafe {
            let (start, length, capacity) = (given.as_mut_ptr(), given.len(), given.capacity());
            core::mem::forget(given);
            Vec::<MaybeUninit<O::Payload>>::from_raw_parts(start.cast(), length, capacity)
        };
        assert!(!ops.native_abi_matches_canonical_abi() && !ops.contains_lists());
        assert!(values.len() == 1 && ops.elem_layout().size() == 4 && ops.elem_layout().align() == 1);
        let one = owned(Layout::from_size_align(4, 1).unwrap());
        let two = owned(Layout::from_size_align(4, 1).unwrap());
        match values.iter().next() {
            Some(value) => unsafe { ops.lower(value.assume_init_read(), one.start.as_ptr()) },
            None => {}
        }
        Counted { owned: Some(one), spare: Some(two), values, ops, cursor: 0 }
    }
    pub fn abi_ptr_and_len(&self) -> (*const u8, usize) {
        match &self.owned {
            Some(one) => (unsafe { one.start.as_ptr().add(self.cursor * 4) }.cast_const(), 1 - self.cursor),
            None => loop {},
        }
    }
    pub fn advance(&mut self, count: usize) {
        assert!(count <= 1 - self.cursor);
        self.cursor += count;
    }
}
impl<O: StreamOps> Drop for Counted<O> {
    fn drop(&mut self) {
        if self.cursor == 0 {
            match &self.owned {
                Some(one) => for place in self.values[self.cursor..].iter_mut() {
                    unsafe { place.write(self.ops.lift(one.start.as_ptr())); }
                },
                None => {}
            }
            let mut values = core::mem::take(&mut self.values);
            unsafe {
                let (start, length, capacity) = (values.as_mut_ptr(), values.len(), values.capacity());
                core::mem::forget(values);
                let _ = Vec::<O::Payload>::from_raw_parts(start.cast(), length, capacity);
            }
        }
        self.owned = None;
        self.spare = None;
    }
}
"""
OTHERS = """
pub struct Others<P>(core::marker::PhantomData<P>);
unsafe impl<P: StreamOps> StreamOps for Others<P> {
    type Payload = ManuallyDrop<P::Payload>;
    fn elem_layout(&self) -> Layout { loop {} }
    fn native_abi_matches_canonical_abi(&self) -> bool { false }
    fn contains_lists(&self) -> bool { false }
    unsafe fn lift(&mut self, _: *mut u8) -> Self::Payload { loop {} }
    unsafe fn lower(&mut self, _: Self::Payload, _: *mut u8) { loop {} }
}
fn of_parts<O: StreamOps>(start: *mut MaybeUninit<O::Payload>, length: usize, capacity: usize) -> Vec<O::Payload> {
    unsafe { Vec::<O::Payload>::from_raw_parts(start.cast(), length, capacity) }
}
pub struct Counted"""
"""What has a type parameter of the same name, which may be another."""
Change = tuple[str, str]
_NEW = "(mut given: Vec<O::Payload>, ops: O) -> Counted<O> {"
_MADE = "Counted { owned: None, values, ops, cursor: 0 }"
_TOLD = (
    "pub fn advance(&mut self, count: usize) {\n        assert!(count <= self.values.len() - self.cursor);\n"
    "        self.cursor += count;"
)
_APART = "let (start, length, capacity) = (values.as_mut_ptr(), values.len(), values.capacity());"
_BEFORE_LEFT = "    fn left("
_INTO = "pub fn into_vec(mut self) -> Vec<O::Payload> {\n        self.left()"
_RAW = (
    "let (start, length, capacity) = (self.values.as_mut_ptr(), self.values.len() - self.cursor, "
    "self.values.capacity());"
)


def _method(text: str) -> tuple[Change, ...]:
    return ((_BEFORE_LEFT, f"    {text}\n{_BEFORE_LEFT}"),)


WAYS: dict[str, tuple[Change, ...]] = {
    "the first are given back": (
        ("        values.drain(..self.cursor);\n", "        let at = self.cursor;\n"),
        (_APART, _APART.replace("values.len()", "values.len() - at")),
    ),
    "fewer are drained": (
        ("values.drain(..self.cursor);", "let at = self.cursor; values.drain(..at / 2);"),
        (_APART, _APART.replace("values.len()", "values.len() - (at - at / 2)")),
    ),
    "drained, and that forgotten": (
        ("values.drain(..self.cursor);", "core::mem::forget(values.drain(..self.cursor));"),
    ),
    "given back and dropped": (("            core::mem::forget(values);\n", ""),),
    "passed and dropped": (("            core::mem::forget(given);\n", ""),),
    "made, and the first is given away": (
        (_NEW, "(mut given: Vec<O::Payload>, ops: O) -> (Counted<O>, Option<O::Payload>) {"),
        (
            _MADE,
            "let first = match values.iter().next() { Some(one) => Some(unsafe { one.assume_init_read() }), None => "
            f"None }}; ({_MADE}, first)",
        ),
    ),
    "elements that nobody drops": (
        ("fn left(&mut self) -> Vec<O::Payload>", "fn left(&mut self) -> Vec<ManuallyDrop<O::Payload>>"),
        ("into_vec(mut self) -> Vec<O::Payload>", "into_vec(mut self) -> Vec<ManuallyDrop<O::Payload>>"),
        (
            "Vec::<O::Payload>::from_raw_parts(start.cast()",
            "Vec::<ManuallyDrop<O::Payload>>::from_raw_parts(start.cast()",
        ),
    ),
    "elements of another type of the same name": (
        ("fn left(&mut self) -> Vec<O::Payload>", "fn left(&mut self) -> Vec<ManuallyDrop<O::Payload>>"),
        ("into_vec(mut self) -> Vec<O::Payload>", "into_vec(mut self) -> Vec<ManuallyDrop<O::Payload>>"),
        (
            "Vec::<O::Payload>::from_raw_parts(start.cast(), length, capacity)",
            "of_parts::<Others<O>>(start.cast(), length, capacity)",
        ),
        ("\npub struct Counted", OTHERS),
    ),
    "given back and forgotten": (("let _ = self.left();", "core::mem::forget(self.left());"),),
    "given back and wrapped": (("let _ = self.left();", "let _ = ManuallyDrop::new(self.left());"),),
    "another vector is given back": _method(
        "pub fn odd(mut self, mut scratch: Vec<MaybeUninit<O::Payload>>) -> Vec<O::Payload> { assert!(scratch.len() == "
        "self.values.len() - self.cursor); let _ = core::mem::take(&mut self.values); self.cursor = 0; unsafe { let "
        "(start, length, capacity) = (scratch.as_mut_ptr(), scratch.len(), scratch.capacity()); "
        "core::mem::forget(scratch); Vec::<O::Payload>::from_raw_parts(start.cast(), length, capacity) } }"
    ),
    "given back twice": (
        (
            _INTO,
            "pub fn into_vec(mut self) -> (Vec<O::Payload>, Vec<O::Payload>) {\n        let one = self.left(); let two "
            "= unsafe { core::ptr::read(&one) }; (one, two)",
        ),
    ),
    "read from the vector": _method(
        "pub fn peek(&self) -> O::Payload { unsafe { core::ptr::read(self.values.as_ptr().cast::<O::Payload>()) } }"
    ),
    "read from the vector, as it is": _method(
        "pub fn peek(&self) -> MaybeUninit<O::Payload> { unsafe { core::ptr::read(self.values.as_ptr()) } }"
    ),
    "written in the vector": _method(
        "pub fn wipe(&mut self) { match self.values[0..].iter_mut().next() { Some(one) => *one = "
        "MaybeUninit::uninit(), None => {} } }"
    ),
    "shared by a vector": _method(
        "pub fn share(&mut self) -> Vec<MaybeUninit<O::Payload>> { unsafe { Vec::from_raw_parts("
        "self.values.as_mut_ptr(), self.values.len(), self.values.capacity()) } }"
    ),
    "given back, and the vector stays": _method(
        "pub fn some(&mut self) -> Vec<O::Payload> { unsafe { Vec::<O::Payload>::from_raw_parts("
        "self.values.as_mut_ptr().cast(), self.values.len(), self.values.capacity()) } }"
    ),
    "given back, and the buffer's goes, too": _method(
        f"pub fn some(mut self) -> Vec<O::Payload> {{ assert!(self.cursor == 0); unsafe {{ {_RAW} "
        "Vec::<O::Payload>::from_raw_parts(start.cast(), length, capacity) } }"
    ),
    "handed over by who goes": (
        (_TOLD, _TOLD.replace("&mut self", "self").replace("self.cursor += count;", "core::mem::forget(self);")),
    ),
    "exchanged": _method(
        "pub fn exchange(&mut self, values: Vec<MaybeUninit<O::Payload>>) { assert!(values.len() == self.values.len());"
        " self.values = values; }"
    ),
    "other operations": _method("pub fn with(&mut self, ops: O) { self.ops = ops; }"),
    "parts of another": _method(
        "pub fn parts(self) -> (Vec<MaybeUninit<O::Payload>>, usize) { unsafe { let values = "
        "core::ptr::read(&self.values); let at = self.cursor; core::mem::forget(self); (values, at) } }"
    ),
    "lent by words": (("add(self.cursor).cast()", "cast::<u8>().cast::<u32>().add(self.cursor).cast()"),),
    "let out": _method("pub fn all(&mut self) -> &mut [MaybeUninit<O::Payload>] { &mut self.values[0..] }"),
    "taken, and forgotten": _method("pub fn wipe(&mut self) { core::mem::forget(core::mem::take(&mut self.values)); }"),
    "none is made": (
        (
            _NEW,
            "(mut given: Vec<O::Payload>, ops: O) -> Option<Counted<O>> { if ops.contains_lists() { "
            "core::mem::forget(given); return None; }",
        ),
        (_MADE, f"Some({_MADE})"),
    ),
    "handed over as small numbers": (
        (
            "pub fn advance(&mut self, count: usize) {",
            "pub fn advance(&mut self, count: u8) { let count = count as usize;",
        ),
    ),
    "handed over as large numbers": (
        (
            "pub fn advance(&mut self, count: usize) {",
            "pub fn advance(&mut self, count: u64) { let count = count as usize;",
        ),
    ),
    "handed over or not": (
        (
            "pub fn advance(&mut self, count: usize) {",
            "pub fn advance(&mut self, count: bool) { let count = count as usize;",
        ),
    ),
    "lent as large numbers": (
        ("-> (*const u8, usize)", "-> (*const u8, u64)"),
        ("self.values.len() - self.cursor) }", "(self.values.len() - self.cursor) as u64) }"),
    ),
}
"""Of `COUNTED`."""
WAYS_OF_LOWERED: dict[str, tuple[Change, ...]] = {
    "another block is lent": (
        (
            "(&self) -> (*const u8, usize) {\n        match &self.owned {\n",
            "(&self) -> (*const u8, usize) {\n        match &self.spare {\n",
        ),
    ),
    "the vector is lent": (
        (
            "Some(one) => (unsafe { one.start.as_ptr().add(self.cursor * 4) }.cast_const(), 1 - self.cursor)",
            "Some(_) => (unsafe { self.values.as_ptr().add(self.cursor) }.cast(), 1 - self.cursor)",
        ),
    ),
    "lifted from another block": (("            match &self.owned {\n", "            match &self.spare {\n"),),
    "lowered to another block": (("assume_init_read(), one.start", "assume_init_read(), two.start"),),
    "read and not lowered": (
        (
            "ops.lower(value.assume_init_read(), one.start.as_ptr())",
            "core::mem::forget(value.assume_init_read())",
        ),
    ),
    "lowered twice": (
        (
            "ops.lower(value.assume_init_read(), one.start.as_ptr())",
            "{ ops.lower(value.assume_init_read(), one.start.as_ptr()); "
            "ops.lower(value.assume_init_read(), two.start.as_ptr()) }",
        ),
    ),
    "bytes of the block are written": (
        (
            "self.cursor += count;",
            "match &self.owned { Some(one) => unsafe { *one.start.as_ptr() = 0 }, None => {} } self.cursor += count;",
        ),
    ),
}
"""Of `LOWERED`."""


def changed(text: str, changes: tuple[Change, ...]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
