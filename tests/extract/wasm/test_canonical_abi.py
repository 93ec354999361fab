"""Which reallocs the canonical ABI needs (docs/call-graph.md V2)."""

from __future__ import annotations

import pytest
from component_text import MEMORY, OPTIONS, component, lifted, lowered, only


@pytest.mark.parametrize(
    ("parameters", "core", "needs"),
    [
        ("", "", None),
        ('(param "n" u32)', "(param i32)", None),
        ('(param "n" string)', "(param i32 i32)", "parameter `n` contains a string"),
        ('(param "n" u8) (param "l" (list u8))', "(param i32 i32 i32)", "parameter `l` contains a list"),
        ('(param "o" (option string))', "(param i32 i32 i32)", "parameter `o` contains a string"),
        (
            '(param "t" (tuple u8 (result (list u8) (error u8))))',
            "(param i32 i32 i32 i32)",
            "parameter `t` contains a list",
        ),
        ('(param "m" (map u8 u8))', "(param i32 i32)", "parameter `m` contains a map"),
        ('(param "a" (list u8 3))', "(param i32 i32 i32)", None),
        ('(param "a" (list string 2))', "(param i32 i32 i32 i32)", "parameter `a` contains a string"),
        ('(param "s" (stream string))', "(param i32)", None),
        ('(param "e" error-context)', "(param i32)", None),
        ('(param "a" (list u8 16))', f"(param {'i32 ' * 16})", None),
        ('(param "a" (list u8 17))', "(param i32)", "the parameters flatten to more than 16 core values"),
        ('(param "a" (list u64 4294967295))', "(param i32)", "the parameters flatten to more than 16 core values"),
        (
            '(param "a" (list u8 8)) (param "b" (list u8 9))',
            "(param i32)",
            "the parameters flatten to more than 16 core values",
        ),
        ('(param "a" (option (list u8 16)))', "(param i32)", "the parameters flatten to more than 16 core values"),
        ('(param "a" (result (list u8 15) (error (list u8 15))))', f"(param {'i32 ' * 16})", None),
    ],
)
def test_a_lift_needs_it_for_its_parameters(parameters: str, core: str, needs: str | None) -> None:
    assert only(lifted(parameters, core), "lift").needs_realloc == needs


def test_a_lift_does_not_need_it_for_its_result() -> None:
    assert only(lifted("", "", "(result string)", "(result i32)"), "lift").needs_realloc is None


@pytest.mark.parametrize(
    ("function", "needs"),
    [
        ('(param "n" string)', None),
        ("(result u32)", None),
        ("(result string)", "the results contain a string"),
        ("(result (option (list u8)))", "the results contain a list"),
        ("(result (tuple u8 u8 u8 u8))", None),
        ("(result (list u8 40))", None),
        ("(result (future string))", None),
    ],
)
def test_a_lower_needs_it_for_its_result(function: str, needs: str | None) -> None:
    assert only(lowered("", function), "lower").needs_realloc == needs


def test_handles_to_resources_need_none() -> None:
    types = '(import "r" (type $r (sub resource)))'
    assert only(lowered(types, '(param "a" (borrow $r)) (result (own $r))'), "lower").needs_realloc is None


def test_a_long_chain_of_types_is_no_recursion() -> None:
    chain = "".join([f"(type $t{n + 1} (tuple $t{n} u8))" for n in range(3000)])
    world = component(f"(type $t0 (tuple u8)) {chain} (type $s (stream $t3000)) (core func (canon stream.new $s))")
    assert only(world, "stream.new").needs_realloc is None


@pytest.mark.parametrize(
    ("text", "kind", "needs"),
    [
        ("(type $t (stream string))", "stream.read", "the elements contain a string"),
        ("(type $t (stream u8))", "stream.read", None),
        ("(type $t (stream))", "stream.read", None),
        ("(type $t (future (list u8)))", "future.read", "the elements contain a list"),
        ("(type $t (stream string))", "stream.write", None),
        ("(type $t (future string))", "future.write", None),
    ],
)
def test_reads_need_it_for_their_elements(text: str, kind: str, needs: str | None) -> None:
    options = OPTIONS if kind.endswith("read") else '(memory (core memory $main "memory"))'
    world = component(f"{text} {MEMORY.format(functions='')} (core func (canon {kind} $t async {options}))")
    canon = only(world, kind)
    assert (canon.needs_realloc, canon.realloc is None) == (needs, not kind.endswith("read"))


def test_a_debug_message_always_needs_it() -> None:
    world = component(
        MEMORY.format(functions="") + f"(core func (canon error-context.debug-message {OPTIONS}))"
        '(core func (canon error-context.new (memory (core memory $main "memory"))))'
    )
    assert [canon.needs_realloc for canon in world.canons] == ["the message is a string", None]
