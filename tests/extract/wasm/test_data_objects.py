"""Where a module says that its data lies: exported globals, name section, DWARF; what is malformed has a place."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from extract.dwarf import read
from extract.dwarf.child import Unreadable
from extract.dwarf.child import read as read_debug
from extract.dwarf.layout import ARRAY, Layouts, Type
from extract.errors import ByteOffset, InputError
from extract.subject import SubjectFile, read_subject
from extract.wasm.data_objects import Claim, Found, Source, custom_sections, data_objects, merged
from extract.wasm.initial import initial_state
from extract.wasm.module import Module
from extract.wasm.read import read_world

FOUND = Path(__file__).parents[3] / "examples" / "pools" / "found"
Place = tuple[str, int, int | None, int | None, set[Source]]
GLOBAL, NAME, DWARF = Source.EXPORT, Source.SEGMENT, Source.DEBUG


def opened(path: Path) -> tuple[SubjectFile, Module]:
    file = read_subject(str(path))
    return file, read_world(file).instances[0].module


def found_in(path: Path) -> Found:
    file, module = opened(path)
    return data_objects(file.data, module, initial_state(file.data, module, file.path), file.path)


def places(found: Found) -> list[Place]:
    return [(one.name, one.base, one.size, one.element, {of.source for of in one.claims}) for one in found.objects]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("slot_bitmap_dwarf_5", [("taken", 1024, 4, None, {DWARF}), ("pool", 1032, 384, 1, {GLOBAL, DWARF})]),
        ("slot_bitmap_segments", [("taken", 1024, 4, None, {NAME}), ("pool", 1032, 384, None, {NAME})]),
        ("bump_arena_dwarf_4", [("used", 1024, 4, None, {DWARF}), ("pool", 1028, 2048, 1, {GLOBAL, DWARF})]),
        (
            "client_tables_counters_shorter_than_enum_dwarf",
            [
                ("BUSY", 4096, 6, 1, {GLOBAL, DWARF}),
                ("POOL", 4104, 240, 40, {GLOBAL, DWARF}),
                ("SENT", 4344, 20, 4, {GLOBAL, DWARF}),
            ],
        ),
    ],
)
def test_each_source_says_what_the_linker_did(file: str, said: list[Place]) -> None:
    found = found_in(FOUND / f"{file}.wasm")
    assert places(found) == said
    assert not found.disagreeing
    assert not found.unread


GLOBALS = """(module (memory 1)
  (global (export "pool") i32 (i32.const 1024)) (global (export "pool_end") i32 (i32.const 1536))
  (global (export "__start_blocks") i32 (i32.const 2048)) (global (export "__stop_blocks") i32 (i32.const 2112))
  (global (export "__heap_base") i32 (i32.const 4096)) (global (export "__heap_end") i32 (i32.const 65536))
  (global (export "__data_end") i32 (i32.const 4000)) (global (export "alone") i32 (i32.const 3000))
  (global (export "cursor") (mut i32) (i32.const 5)) (global (export "wide") i64 (i64.const 5)))"""


def test_exported_addresses_come_in_pairs_or_without_a_size(tmp_path: Path) -> None:
    (tmp_path / "pairs.wat").write_text(GLOBALS)
    assert places(found_in(tmp_path / "pairs.wat")) == [
        ("pool", 1024, 512, None, {GLOBAL}),
        ("blocks", 2048, 64, None, {GLOBAL}),
        ("alone", 3000, None, None, {GLOBAL}),
        ("__heap", 4096, 61440, None, {GLOBAL}),
    ]


@pytest.mark.parametrize(
    ("claims", "agree"),
    [
        ([(8, 4, DWARF), (8, None, GLOBAL)], True),
        ([(8, 4, DWARF), (16, None, GLOBAL)], False),
        ([(8, 4, DWARF), (8, 12, NAME)], False),
        ([(8, 4, DWARF), (16, 4, DWARF), (16, None, GLOBAL)], True),  # statics of two files, of which one is exported
        ([(8, 4, DWARF), (16, 4, DWARF), (24, None, GLOBAL)], False),
        ([(8, 4, DWARF), (8, 5, DWARF)], False),
    ],
)
def test_sources_agree_or_not(claims: list[tuple[int, int | None, Source]], agree: bool) -> None:
    objects, disagreeing = merged(Claim("pool", base, size, source, 1) for base, size, source in claims)
    assert [one.base for one in objects] == (sorted({base for base, _, _ in claims}) if agree else [])
    assert [name for name, _ in disagreeing] == ([] if agree else ["pool"])


def changed(tmp_path: Path, file: str, at: int, byte: int) -> Path:
    data = bytearray((FOUND / file).read_bytes())
    data[at] = byte
    (tmp_path / file).write_bytes(data)
    return tmp_path / file


def test_a_malformed_name_section_is_named_with_its_place(tmp_path: Path) -> None:
    file, module = opened(FOUND / "slot_bitmap_segments.wasm")
    assert module.name_section is not None
    start, end = module.name_section
    found = found_in(changed(tmp_path, file.name, start + 1, 0xFF))
    assert found.objects == ()
    (error,) = found.unread
    assert isinstance(error.position, ByteOffset)
    assert start <= error.position.offset < end


def test_malformed_dwarf_is_named_with_its_place_and_other_sources_stay(tmp_path: Path) -> None:
    file, module = opened(FOUND / "slot_bitmap_dwarf_5.wasm")
    start, end = custom_sections(file.data, module, file.path)[".debug_info"]
    found = found_in(changed(tmp_path, file.name, start + 12, 0x7F))  # no such abbreviation
    assert places(found) == [("pool", 1032, None, None, {GLOBAL})]
    (error,) = found.unread
    assert isinstance(error.position, ByteOffset)
    assert start <= error.position.offset < end


@pytest.mark.parametrize("name", ["slot_bitmap_dwarf_5", "client_tables_dwarf"])
def test_no_bytes_of_dwarf_do_more_than_be_unreadable(name: str) -> None:
    file, module = opened(FOUND / f"{name}.wasm")
    there = custom_sections(file.data, module, file.path)
    sections = {one: bytes(file.data[slice(*there[f".{one}"])]) for one in read.SECTIONS if f".{one}" in there}
    chance = random.Random(4)
    outcomes: list[bool] = []
    for _ in range(150):
        damaged = dict(sections)
        victim = chance.choice(sorted(sections))
        data = bytearray(damaged[victim])
        for _ in range(chance.choice((1, 4))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        damaged[victim] = bytes(data[: chance.randrange(1, len(data))] if chance.random() < 0.2 else data)
        try:
            objects = read_debug(damaged)
        except Unreadable as error:
            outcomes.append(False)
            offset = error.offset
        else:
            outcomes.append(all(one["base"] + one["size"] <= 1 << 32 for one in objects))
            offset = 0
        assert 0 <= offset <= len(damaged["debug_info"])
    assert set(outcomes) == {True, False}


def test_dwarf_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of units, of which each has its own place in one long table of abbreviations."""
    monkeypatch.setattr(read, "SECONDS", 1)
    table = 8000 * b"\x01\x11\0\0\0" + b"\0"
    units = b"".join(b"\x08\0\0\0\x04\0" + (5 * n).to_bytes(4, "little") + b"\x04\x01" for n in range(8000))
    data = units + table
    sections = {".debug_info": (0, len(units)), ".debug_abbrev": (len(units), len(data))}
    with pytest.raises(InputError, match=r"byte 0x0: found DWARF that takes longer"):
        read.debug_objects(data, sections, "hostile.wasm")


def test_arrays_within_records_and_what_is_never_an_array() -> None:
    """A record with a cursor and an array; a record that holds an array only; types that are made of themselves."""
    layouts = Layouts()
    byte, word = Type("DW_TAG_base_type", 1, None), Type("DW_TAG_base_type", 4, None)
    array = Type(ARRAY, None, 1, counts=[64])
    cell = Type("DW_TAG_structure_type", 64, None, members=[("value", 0, 3)])
    arena = Type("DW_TAG_structure_type", 68, None, members=[("used", 0, 2), ("bytes", 4, 4)])
    itself = Type("DW_TAG_typedef", None, 6)
    layouts.types.update(enumerate((byte, word, array, cell, arena, itself), 1))
    assert [(one["name"], one["base"], one["size"]) for one in layouts.objects("ARENA", 100, 5, 0)] == [
        ("ARENA", 100, 68),
        ("ARENA.bytes", 104, 64),
    ]
    assert [one["name"] for one in layouts.objects("cell", 100, 4, 0)] == ["cell"]
    assert list(layouts.objects("loop", 100, 6, 0)) == []
