"""Broken twins: the published sources with one line that is another."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from native_steps import FEATURES, PUBLISHED, missing, shared_cache

from extract.mir.compile import LocalCrate
from proofs.runtime.native.project import make_project
from proofs.runtime.native.scenario import Crate

WAITABLE = "src/rt/async_support/waitable.rs"
RUNTIME = "src/rt/mod.rs"
ABI_BUFFER = "src/rt/async_support/abi_buffer.rs"
STREAM = "src/rt/async_support/stream_support.rs"
TWINS = {
    "drop without cancel": (WAITABLE, "        pin.cancel();\n", "        let _ = pin;\n"),
    "cancel not called": (
        WAITABLE,
        "let code = op.in_progress_cancel(in_progress);",
        "let _ = (op, in_progress); let code = super::CANCELLED;",
    ),
    "unregister skipped": (WAITABLE, "self.as_mut().unregister_waker(waitable);", "let _ = waitable;"),
    "task not left": (
        WAITABLE,
        "_ => last_task.insert(CabiTask::new(task)),",
        "_ => { core::mem::forget(last_task.take()); last_task.insert(CabiTask::new(task)) }",
    ),
    "free before cancel": (
        STREAM,
        "fn in_progress_cancel(&mut self, _: &mut Self::InProgress) -> u32 {",
        "fn in_progress_cancel(&mut self, buffer: &mut Self::InProgress) -> u32 {"
        " *buffer = AbiBuffer::new(Vec::new(), self.writer.ops.clone());",
    ),
    "cursor after the callbacks": (
        ABI_BUFFER,
        "        for _ in 0..amt {\n",
        "        let before = self.cursor; for at in 0..amt { self.cursor = before;\n",
    ),
    "cursor set and not raised": (
        ABI_BUFFER,
        "            self.cursor += amt;\n",
        "            self.cursor = amt;\n",
    ),
    "one element more is lent": (
        ABI_BUFFER,
        "            let len = self.rust_storage.len() - self.cursor;\n",
        "            let len = self.rust_storage.len() - self.cursor + 1;\n",
    ),
    "the last element is not lent": (
        ABI_BUFFER,
        "            let len = self.rust_storage.len() - self.cursor;\n",
        "            let len = (self.rust_storage.len() - self.cursor).saturating_sub(1);\n",
    ),
    "alignment of the elements less one": (
        ABI_BUFFER,
        "Layout::from_size_align(\n                elem_layout.size() * rust_storage.len(),\n"
        "                elem_layout.align(),\n            )\n            .unwrap()",
        "unsafe { Layout::from_size_align_unchecked(\n                elem_layout.size() * rust_storage.len(),\n"
        "                elem_layout.align() - 1,\n            ) }",
    ),
    "elements in an empty block": (
        ABI_BUFFER,
        "Cleanup::new(layout);",
        "(unsafe { alloc::alloc::alloc(layout) }, None::<Cleanup>);",
    ),
    "elements at null": (
        ABI_BUFFER,
        "Cleanup::new(layout);",
        "(unsafe { ptr::NonNull::new_unchecked(alloc::alloc::alloc(layout)).as_ptr() }, None::<Cleanup>);",
    ),
    "alignment less one": (
        RUNTIME,
        "alloc::alloc(layout)",
        "alloc::alloc(Layout::from_size_align_unchecked(layout.size(), layout.align() - 1))",
    ),
    "another size is nothing": (RUNTIME, "if layout.size() == 0 {", "if layout.size() == 1 {"),
    "null is not looked for": (
        RUNTIME,
        "None => alloc::handle_alloc_error(layout),",
        "None => unsafe { NonNull::new_unchecked(ptr) },",
    ),
    "given back aligned to one": (
        RUNTIME,
        "alloc::alloc::dealloc(self.ptr.as_ptr(), self.layout);",
        "alloc::alloc::dealloc(self.ptr.as_ptr(), Layout::from_size_align_unchecked(self.layout.size(), 1));",
    ),
    "one byte more is written over": (
        RUNTIME,
        "for i in 0..self.layout.size() {",
        "for i in 0..self.layout.size() + 1 {",
    ),
    "realloc of the new size": (
        RUNTIME,
        "layout = Layout::from_size_align_unchecked(old_len, align);",
        "layout = Layout::from_size_align_unchecked(new_len, align);",
    ),
    "realloc aligned to one": (
        RUNTIME,
        "layout = Layout::from_size_align_unchecked(new_len, align);",
        "layout = Layout::from_size_align_unchecked(new_len, 1);",
    ),
    "realloc of nothing": (RUNTIME, "if new_len == 0 {", "if new_len == 1 {"),
    "realloc gives null": (RUNTIME, "if ptr.is_null() {", "if align == 3 {"),
    "length set and not raised": (STREAM, "buf.set_len(cur_len + amt);", "buf.set_len(amt);"),
    "one element not lifted": (STREAM, "for _ in 0..amt {", "for _ in 1..amt {"),
    "a Vec that is full is refused": (
        STREAM,
        "assert!(amt <= buf.capacity() - cur_len);",
        "assert!(amt < buf.capacity() - cur_len);",
    ),
    "the first lifted again": (STREAM, "ptr = ptr.add(self.reader.ops.elem_layout().size());", ""),
    "length raised before": (
        STREAM,
        """                    for _ in 0..amt {
                        unsafe {
                            buf.push(self.reader.ops.lift(ptr));
""",
        """                    unsafe { buf.set_len(cur_len + amt) };
                    for at in cur_len..cur_len + amt {
                        unsafe {
                            buf.as_mut_ptr().add(at).write(self.reader.ops.lift(ptr));
""",
    ),
    "no end": (
        STREAM,
        "        if self.writer.done {",
        "        loop {} #[allow(unreachable_code)] if self.writer.done {",
    ),
    "does not compile": (STREAM, "        if self.writer.done {", "        if self.writer.finished {"),
}


@cache
def published_sources() -> Path:
    if shutil.which("cargo") is None:
        missing("no cargo")
    return make_project(PUBLISHED, shared_cache()).package.directory


def twin(name: str, folder: Path) -> Crate:
    file, old, new_line = TWINS[name]
    shutil.copytree(published_sources(), folder / "twin", copy_function=shutil.copyfile)
    path = folder / "twin" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new_line, 1), encoding="utf-8")
    return Crate(LocalCrate(str(folder / "twin")), FEATURES)
