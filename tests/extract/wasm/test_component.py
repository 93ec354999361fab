"""The binary format of components: what is read, and what is refused, with its place [CM `Binary.md`]."""

from __future__ import annotations

import pytest
from component_text import FILE, assembled, component, evaluated, kinds, raw, section

from extract.errors import ByteOffset, InputError
from extract.wasm.component import read_component
from extract.wasm.component_syntax import CoreModuleDefinition, ImportDefinition, Sort
from extract.wasm.types import TypeStore

BUILT_INS = """
  (type $s (stream u8))
  (type $f (future u8))
  (type $r (resource (rep i32)))
  (core module $M (memory (export "memory") 1) (table (export "t") 1 funcref))
  (core instance $i (instantiate $M))
  (alias core export $i "memory" (core memory $m))
  (alias core export $i "t" (core table $t))
  (core type $start (func (param i32)))
"""
TEXTS = {
    "resource.new": "$r",
    "resource.drop": "$r",
    "resource.rep": "$r",
    "task.cancel": "",
    "subtask.cancel": "async",
    "task.return": "(result string) (memory $m)",
    "context.get": "i32 0",
    "context.set": "i32 0",
    "thread.yield": "",
    "subtask.drop": "",
    "stream.new": "$s",
    "stream.read": "$s async (memory $m)",
    "stream.write": "$s async (memory $m)",
    "stream.cancel-read": "$s async",
    "stream.cancel-write": "$s",
    "stream.drop-readable": "$s",
    "stream.drop-writable": "$s",
    "future.new": "$f",
    "future.read": "$f async (memory $m)",
    "future.write": "$f async (memory $m)",
    "future.cancel-read": "$f",
    "future.cancel-write": "$f async",
    "future.drop-readable": "$f",
    "future.drop-writable": "$f",
    "error-context.new": "(memory $m)",
    "error-context.drop": "",
    "waitable-set.new": "",
    "waitable-set.wait": "(memory $m)",
    "waitable-set.poll": "(memory $m)",
    "waitable-set.drop": "",
    "waitable.join": "",
    "backpressure.inc": "",
    "backpressure.dec": "",
    "thread.index": "",
    "thread.new-indirect": "$start $t",
    "thread.resume-later": "",
    "thread.suspend": "",
    "thread.suspend-then-resume": "",
    "thread.yield-then-resume": "",
    "thread.suspend-then-promote": "",
    "thread.yield-then-promote": "",
    "thread.spawn-ref": "$start",
    "thread.spawn-indirect": "$start $t",
}


def test_every_built_in_is_read_as_the_assembler_writes_it() -> None:
    world = component(BUILT_INS + "".join([f"(core func (canon {kind} {rest}))" for kind, rest in TEXTS.items()]))
    assert kinds(world) == list(TEXTS)


def test_types_of_every_form_are_read() -> None:
    component("""
      (core rec (type (struct)) (type (array i32)))
      (core type $sub (sub (func)))
      (core type $m (module
        (alias outer 1 $sub (type $again))
        (type $f (func (param (ref $again))))
        (import "a" "b" (func (type $f)))
        (import "a" "m" (memory i64 1 2))
        (import "a" "t" (table 1 (ref null 0)))
        (import "a" "tag" (tag (type $again)))
        (export "g" (global (mut i32)))))
      (type $record (record (field "a" u8) (field "b" f64)))
      (type $variant (variant (case "a") (case "b" $record)))
      (type (flags "a" "b"))
      (type (enum "a" "b"))
      (type (result (error char)))
      (type (map string $record))
      (type (list s64 5))
      (type (func async (param "a" $variant) (result (stream))))
      (type $r (resource (rep i32)))
      (type (own $r))
      (type (component
        (core type (module))
        (import "i" (instance (export "r" (type (sub resource))) (export "f" (func))))
        (import "t" (type $t (eq $record)))
        (export "c" (component (export "f" (func (param "x" $t)))))))
      (import "m" (core module (type $m)))""")


def test_a_recursion_group_adds_each_of_its_types() -> None:
    group = "(core rec (type (struct)) (type (array i32)))"
    world = component(f"{group} (core type $f (func (param i32))) (core func (canon thread.spawn-ref $f))")
    assert kinds(world) == ["thread.spawn-ref"]
    with pytest.raises(InputError) as caught:
        evaluated(raw(section(3, b"\x01\x4e\x02\x5f\x00\x5f\x00"), section(8, b"\x01\x40\x02")))
    assert (caught.value.found, caught.value.expected) == ("core type index 2", "an index below 2")


def test_names_with_attributes_are_read() -> None:
    plain = section(10, b"\x01" + b"\x00\x01a" + b"\x05\x00")
    older = section(10, b"\x01" + b"\x01\x01a" + b"\x05\x00")
    attributes = section(10, b"\x01" + b"\x02\x01a\x03\x00\x03b:c\x01\x01+\x02\x01x" + b"\x05\x00")
    instance_type = section(7, b"\x01\x42\x00")
    for form in (plain, older, attributes):
        data = raw(instance_type, form)
        read = read_component(data, 0, len(data), FILE, TypeStore()).definitions[1]
        assert isinstance(read, ImportDefinition)
        assert (read.name, read.type.sort) == ("a", Sort.INSTANCE)
        evaluated(data)


def test_modules_keep_absolute_offsets() -> None:
    data = assembled("(component (component (core module (func unreachable))))")
    outer = read_component(data, 0, len(data), FILE, TypeStore())
    (inner,) = outer.definitions
    (module,) = inner.component.definitions  # type: ignore[union-attr]
    assert isinstance(module, CoreModuleDefinition)
    assert data[module.module.start : module.module.end].startswith(b"\0asm\1")
    assert data[module.module.code.starts[0] : module.module.code.ends[0]].endswith(b"\0\x0b")


def test_a_wrong_name_section_is_passed_over() -> None:
    data = assembled('(component (core module $M (func (export "f"))) (core instance $main (instantiate $M)))')
    assert [item.label for item in evaluated(data).instances] == ["main"]
    cut = data.index(b"component-name") + len(b"component-name") + 1
    assert [item.label for item in evaluated(data[:cut] + b"\xff" * (len(data) - cut)).instances] == ["core instance 0"]


@pytest.mark.parametrize(
    ("sections", "offset", "found"),
    [
        (section(13, b"\0"), 8, "section id 13"),
        (section(2, b"\x01\x02"), 11, "core instance 0x02"),
        (section(2, b"\x01\x00\x00\x01\x01a\x11\x00"), 16, "an argument of sort 0x11"),
        (section(2, b"\x01\x01\x01\x01a\x10\x00"), 15, "core type"),
        (section(3, b"\x01\x00\x60"), 12, "0x00 before something else"),
        (section(3, b"\x01\x50\x01\x04"), 13, "declaration 0x04"),
        (section(5, b"\x01\x07"), 11, "instance 0x07"),
        (section(6, b"\x01\x09"), 11, "sort 0x09"),
        (section(6, b"\x01\x00\x05"), 12, "core sort 0x05"),
        (section(6, b"\x01\x01\x03"), 12, "alias target 0x03"),
        (section(6, b"\x01\x01\x02\x00\x00"), 11, "an alias of sort function"),
        (section(7, b"\x01\x3e"), 11, "type 0x3e"),
        (section(7, b"\x01\x72\x00"), 12, "no fields of a record"),
        (section(7, b"\x01\x70\x41"), 12, "value type -63"),
        (section(7, b"\x01\x3f\x7f\x02"), 13, "byte 0x02"),
        (section(7, b"\x01\x42\x01\x03\x00\x01a\x01\x00"), 13, "declaration 0x03"),
        (section(7, b"\x01\x40\x00\x02"), 13, "byte 0x02"),
        (section(8, b"\x01\x07"), 11, "canonical definition 0x07"),
        (section(8, b"\x01\x2e\x00"), 11, "canonical definition 0x2e"),
        (section(8, b"\x01\x00\x01"), 12, "byte 0x01"),
        (section(8, b"\x01\x1c\x01\x09"), 13, "canonical option 0x09"),
        (section(8, b"\x01\x1c\x02\x00\x01"), 14, "canonical option 0x01 again"),
        (section(8, b"\x01\x06\x02"), 12, "byte 0x02"),
        (section(10, b"\x01\x03\x01a\x01\x00"), 11, "name form 0x03"),
        (section(11, b"\x01\x00\x01a\x00\x00\x00\x00"), 14, "core function"),
        (section(8, b"\x01\x24\x00"), 12, "1 bytes more"),
        (section(9, b"\x00\x00\x00\x00"), 13, "1 bytes more"),
        (section(1, b"\0asm\x0d\0\x01\0"), 10, "bytes 00 61 73 6d 0d 00 01 00"),
        (section(4, b"\0asm\x01\0\0\0"), 10, "bytes 00 61 73 6d 01 00 00 00"),
        (section(8, b"\x02\x24"), 10, "2 items of the canon section in 1 bytes"),
        (b"\x08\x7f", 10, "a section of 127 bytes where 0 are left"),
        (section(2, b"\x01\x00\x00\x00"), 11, "core module index 0"),
        (section(7, b"\x01\x69\x00"), 11, "type index 0"),
        (section(7, b"\x02\x42\x00\x69\x00"), 13, "type 0, which is another kind"),
        (section(6, b"\x01\x03\x02\x01\x00"), 11, "an alias 1 scopes outwards"),
        (section(8, b"\x01\x20\x00\x00"), 11, "core memory index 0"),
    ],
)
def test_what_is_refused(sections: bytes, offset: int, found: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluated(raw(sections))
    assert (caught.value.found, caught.value.position) == (found, ByteOffset(offset))
