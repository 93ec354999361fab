"""Roots by name (T3, T4) and allocator entries (T5) (no-alloc-path)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from certificate_text import accepted, assemble, assume, certificate, closed_set, rejected

from proofs.recheck.names import AllocatorNames

TEXT = """(module (import "env" "malloc" (func $imported (param i32) (result i32)))
  (func (export "run") call $helper)
  (func $helper)
  (func $alloc.malloc)
  (func $bad call $alloc.malloc)
  (func $worse (drop (call $imported (i32.const 0))))
  (func (export "strange") call 7)
  (func))"""


def by_name(path: Path, roots: list[list[int]], members: str, names: list[str], **more: Any) -> dict[str, Any]:
    goal = {"goal": [[0, "3"]], "goal_names": ["malloc"]} | more
    evidence = closed_set(roots, [[0, members]], roots_by="name", root_names=names, **goal)
    return certificate(path, "no-alloc-path", evidence, [])


def test_no_path_to_an_allocator(tmp_path: Path) -> None:
    path = assemble(tmp_path, TEXT)
    accepted(path, by_name(path, [[0, 1]], "1-2", ["run"]))
    accepted(path, by_name(path, [[0, 1], [0, 2]], "1-2", ["helper", "run"]))


@pytest.mark.parametrize(
    ("roots", "members", "names", "more", "reason"),
    [
        ([[0, 4]], "3-4", ["bad"], {}, "the goal is a member"),
        ([[0, 4]], "4", ["bad"], {}, "leads to the goal"),
        ([[0, 1]], "1-3", ["run"], {}, "the goal is a member"),
        ([[0, 5]], "5", ["worse"], {}, "leads to the goal: host function env.malloc"),
        ([[0, 6]], "6-7", ["strange"], {}, "core instance 0, function 7 has no name"),
        ([[0, 1]], "1-2", ["nowhere"], {}, "no function is named"),
        ([[0, 1]], "1-2", ["helper", "run"], {}, "function 2 is missing"),
        ([[0, 1]], "1-2", ["run"], {"goal": []}, "evidence.goal: core instance 0, function 3 is missing"),
        ([[0, 1]], "1-2", ["run"], {"goal": [[0, "2-3"]]}, "function 2 is none"),
        ([[0, 1]], "1-2", ["run"], {"goal_names": ["free"]}, "vacuous"),
        ([[0, 1]], "1-2", ["run"], {"goal_names": []}, "expected 1 to"),
    ],
)
def test_broken_twins(
    tmp_path: Path, roots: list[list[int]], members: str, names: list[str], more: dict[str, Any], reason: str
) -> None:
    path = assemble(tmp_path, TEXT)
    rejected(path, by_name(path, roots, members, names, **more), reason)


def test_the_claim_says_what_allocators_were_taken_to_be_called(tmp_path: Path) -> None:
    """Of fewer names less is claimed."""
    path = assemble(tmp_path, TEXT)
    document = by_name(path, [[0, 1]], "1-2", ["run"], goal_names=["alloc", "malloc"])
    accepted(path, document)
    less = by_name(path, [[0, 1]], "1-2", ["run"])
    rejected(path, less | {"claim": document["claim"]}, "claim")


def test_growth_from_named_roots(tmp_path: Path) -> None:
    text = """(module (memory 1) (func $a call $b) (func $b)
      (func (export "cabi_realloc") (drop (memory.grow (i32.const 0)))))"""
    path = assemble(tmp_path, text)
    evidence = closed_set([[0, 0]], [[0, "0-1"]], roots_by="name", root_names=["a"])
    for obligation in ("realloc-no-grow", "module-no-grow"):
        accepted(path, certificate(path, obligation, evidence, []))
    rejected(path, certificate(path, "module-no-grow", evidence | {"members": [[0, "0-2"]]}, assume()), "memory.grow")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("malloc", True), ("std::malloc", True), ("x$malloc", True), ("a.malloc", True), ("xmalloc", False),
        ("malloc_usable_size", False),
        ("malloc.llvm.7", True), ("std::malloc.part.0", True), ("malloc::of", False), ("malloc$of", False),
        ("a/malloc", False), ("_ZN5alloc6mallocE", True),
        ("_ZN5alloc5alloc6malloc17h0123456789abcdefE", True), ("_ZN7xmalloc17h0123456789abcdefE", False),
        ("_ZN3ab16mallocE", True), ("_RNvCs1234_5alloc6malloc", True), ("_RNvCs1234_5alloc7xmalloc", False),
    ],
)  # fmt: skip
def test_names_of_allocators(name: str, expected: bool) -> None:
    assert AllocatorNames(["malloc", "sbrk"]).match(name) is expected


@pytest.mark.parametrize(("second", "reason"), [(b"\2\4else", None), (b"\1\4else", "function 1 has no name")])
def test_a_function_that_is_named_twice_has_no_name(tmp_path: Path, second: bytes, reason: str | None) -> None:
    """The section is malformed, whose last word would have hidden that the function is `malloc`."""
    path = assemble(tmp_path, '(module (func (export "run") call 1) (func) (func (export "malloc")))')
    names = b"\1\x0d\2\1\4help" + second
    path.write_bytes(path.read_bytes() + b"\0" + bytes([5 + len(names)]) + b"\4name" + names)
    document = by_name(path, [[0, 0]], "0-1", ["run"], goal=[[0, "2"]])
    if reason is None:
        accepted(path, document)
    else:
        rejected(path, document, reason)
