"""Pools of examples, from bytes to verdicts, certificates and replayed counterexamples; and twins that are wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from explore_corpus import assert_opens
from pool_cases import EXAMPLES, POOL, calls, judged, off_by_one

from artifacts.certificate import certificate, sealed
from artifacts.runtime_certificate import texts_of
from proofs import pool_wording
from proofs.kinds import POOL_KINDS, PoolKind
from proofs.pool_verdicts import PoolInvariant, Replayed
from proofs.recheck import Accepted, Rejected, Session, recheck
from proofs.verdicts import Proved, Refuted, Result, Subject, Unknown, Vacuous, Verdict, Violation
from smt_models.pools.calls import NoModel
from smt_models.pools.pool import Host, Pool, Role

EXAMPLE = EXAMPLES / "static_pool_c.wasm"
APPLYING = tuple(kind for kind in POOL_KINDS if kind not in (PoolKind.NO_REWIND, PoolKind.WITHIN_BUDGET))


@cache
def results(host: Host) -> dict[PoolKind, Result]:
    data = EXAMPLE.read_bytes()
    import hashlib

    subject = Subject(str(EXAMPLE), EXAMPLE.name, len(data), hashlib.sha256(data).hexdigest())
    instance = pool_wording.instance(((POOL.name, POOL.base, POOL.size),), host.value)
    found = judged(EXAMPLE, host, POOL_KINDS)
    return {kind: Result(subject, kind, instance, one.verdict, one.seconds) for kind, one in found.items()}


def test_the_static_pool_is_proved_for_a_host_that_conforms() -> None:
    found = results(Host.CONFORMING)
    assert {kind for kind, one in found.items() if isinstance(one.verdict, Proved)} == set(APPLYING)
    assert isinstance(found[PoolKind.NO_REWIND].verdict, Vacuous)
    assert isinstance(found[PoolKind.WITHIN_BUDGET].verdict, Vacuous)


def test_every_certificate_is_accepted() -> None:
    with Session() as session:
        for kind in APPLYING:
            result = results(Host.CONFORMING)[kind]
            answer = recheck(certificate(result, "test"), EXAMPLE, texts_of(result), session=session)
            assert isinstance(answer, Accepted), answer
            assert ("arguments", "") in {one[:2] for one in answer.assumptions}


def _tampered(change: object) -> bytes:
    document = json.loads(certificate(results(Host.CONFORMING)[PoolKind.DISJOINT], "test"))
    assert callable(change)
    change(document)
    return sealed(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one["evidence"]["pool"].update(size=4095),
        lambda one: one["evidence"].update(host="any"),
        lambda one: one["evidence"].update(cells=[]),
        lambda one: one["evidence"].update(cells=[[1024, 8, 0]]),
        lambda one: one["evidence"].update(idle=[]),
        lambda one: one["evidence"].update(idle=[], left_out=["checksum"]),
        lambda one: one["evidence"].update(roles=[]),
        lambda one: one["evidence"]["roles"][0].update(unit=0),
        lambda one: one["evidence"]["pool"].update(element=0),
        lambda one: one["evidence"]["pool"].update(tables=[["table", 0, 4, 0]]),
        lambda one: one["evidence"]["excluded"].remove("something not modelled"),
        lambda one: one["evidence"]["excluded"].remove("disjoint"),
        lambda one: one.update(instance="pool pool at 0x410, 9 bytes, host=conforming"),
        lambda one: one.update(claim="all is well"),
        lambda one: one["assumptions"].pop(),
        lambda one: one["subject"].update(sha256="0" * 64),
    ],
)
def test_what_is_tampered_with_is_refused(change: object) -> None:
    texts = texts_of(results(Host.CONFORMING)[PoolKind.DISJOINT])
    assert isinstance(recheck(_tampered(change), EXAMPLE, texts), Rejected)


@pytest.mark.parametrize("part", range(3))
def test_an_invariant_that_says_less_is_refused(part: int) -> None:
    """Each kind of conjunct is needed: without the cursor's bound, the block's range, or that nothing was broken."""
    from dataclasses import replace

    result = results(Host.CONFORMING)[PoolKind.DISJOINT]
    assert isinstance(result.verdict, Proved)
    evidence = result.verdict.evidence
    assert isinstance(evidence, PoolInvariant)
    weaker = ["true", "(not |broken: disjoint|)", "(bvule |cell 0x400| #x00001000)"][part]
    less = replace(result, verdict=replace(result.verdict, evidence=replace(evidence, invariant=weaker)))
    answer = recheck(certificate(less, "test"), EXAMPLE, texts_of(less))
    assert isinstance(answer, Rejected)
    assert answer.reason.startswith("invariant: ")


def test_what_any_host_can_do_is_refuted_on_the_module_itself() -> None:
    """Alignment 0 makes two blocks start at the same place; the copy trusts whatever `old` it is given."""
    found = results(Host.ANY)
    for kind in (PoolKind.ALIGNED, PoolKind.DISJOINT, PoolKind.COPY_OWNED):
        verdict = found[kind].verdict
        assert isinstance(verdict, Refuted), (kind, verdict)
        assert isinstance(verdict.trace, Violation)
        assert isinstance(verdict.trace.confirmation, Replayed)
    assert isinstance(found[PoolKind.RANGE_IN_BOUNDS].verdict, Proved)


def test_the_twin_with_its_end_off_by_one_is_refuted(tmp_path: Path) -> None:
    found = judged(off_by_one(tmp_path), Host.CONFORMING, (PoolKind.RANGE_IN_BOUNDS, PoolKind.ALIGNED))
    verdict = found[PoolKind.RANGE_IN_BOUNDS].verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert isinstance(verdict.trace.confirmation, Replayed)
    assert len(verdict.trace.trace.steps) == 1
    assert_opens(verdict.trace.trace)
    assert isinstance(found[PoolKind.ALIGNED].verdict, Proved)


def test_a_pool_at_the_wrong_place_is_refuted() -> None:
    pool = Pool("pool", 1040, 2048, allocate=(Role("cabi_realloc"),))
    found = judged(EXAMPLE, Host.CONFORMING, (PoolKind.RANGE_IN_BOUNDS,), pool)
    assert isinstance(found[PoolKind.RANGE_IN_BOUNDS].verdict, Refuted)


def test_an_export_that_may_write_anywhere_makes_everything_unknown(tmp_path: Path) -> None:
    """By name and byte offset."""
    import wasmtime

    text = """(module (memory (export "memory") 1) (global $used (mut i32) (i32.const 0))
      (func (export "alloc") (param i32) (result i32) (local $at i32)
        (local.set $at (i32.load (i32.const 1024)))
        (if (i32.gt_u (local.get 0) (i32.const 64)) (then unreachable))
        (if (i32.gt_u (local.get $at) (i32.const 960)) (then unreachable))
        (i32.store (i32.const 1024) (i32.add (local.get $at) (local.get 0)))
        (i32.add (local.get $at) (i32.const 2048)))
      (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1))))"""
    path = tmp_path / "poke.wasm"
    path.write_bytes(wasmtime.wat2wasm(text))
    pool = Pool("pool", 2048, 1024, allocate=(Role("alloc"),))
    found = judged(path, Host.CONFORMING, (PoolKind.RANGE_IN_BOUNDS,), pool)
    verdict = found[PoolKind.RANGE_IN_BOUNDS].verdict
    assert isinstance(verdict, Unknown)
    assert "a store that may touch the metadata at offset 0x" in verdict.reason
    kept = Pool("pool", 2048, 1024, allocate=(Role("alloc"),), exports=())
    proved = judged(path, Host.CONFORMING, (PoolKind.RANGE_IN_BOUNDS,), kept)[PoolKind.RANGE_IN_BOUNDS].verdict
    assert isinstance(proved, Proved)
    assert ("left-out", "poke") in {(one.id, one.about) for one in proved.assumptions}


def counting(turns: int, counted: str, directory: Path) -> Verdict:
    """Of `index-in-bounds`: one slot, handed out once, after so many turns of a loop; behind it the call is counted."""
    import wasmtime

    text = f"""(module (memory (export "memory") 1)
      (func (export "alloc") (result i32)
        (if (i32.load8_u (i32.const 1024)) (then unreachable))
        (i32.store8 (i32.const 1024) (i32.const 1))
        (i32.store (i32.const 1028) (i32.const 0))
        (loop $again
          (i32.store (i32.const 1028) (i32.add (i32.load (i32.const 1028)) (i32.const 1)))
          (br_if $again (i32.lt_u (i32.load (i32.const 1028)) (i32.const {turns}))))
        {counted}
        (i32.const 2048)))"""
    path = directory / "counts.wasm"
    path.write_bytes(wasmtime.wat2wasm(text))
    pool = Pool("pool", 2048, 64, element=64, allocate=(Role("alloc"),))
    return judged(path, Host.CONFORMING, (PoolKind.INDEX_IN_BOUNDS,), pool)[PoolKind.INDEX_IN_BOUNDS].verdict


ADDED = "(i32.store (i32.const 1032) (i32.add (i32.load (i32.const 1032)) (i32.const 1)))"
NOTED = "(i32.store (i32.const 1032) (i32.const 7))"


@pytest.mark.parametrize(
    ("turns", "counted", "wanted"), [(300, ADDED, Unknown), (3, ADDED, Proved), (3, NOTED, Proved)]
)
def test_a_write_to_a_cell_that_nobody_knew_of_is_no_fault(
    turns: int, counted: str, wanted: type, tmp_path: Path
) -> None:
    """A run shows the write: behind a loop that is not followed, or to what no call loads. Each is the allocator's."""
    verdict = counting(turns, counted, tmp_path)
    assert isinstance(verdict, wanted), verdict


def test_what_gives_blocks_up_without_a_role_is_told(tmp_path: Path) -> None:
    """A right slot: that its block may be handed out again is for a manifest to say."""
    import wasmtime

    text = """(module (memory (export "memory") 1)
      (func (export "take") (result i32)
        (if (i32.load8_u (i32.const 1024)) (then unreachable))
        (i32.store8 (i32.const 1024) (i32.const 1))
        (i32.const 2048))
      (func (export "put") (param i32)
        (if (i32.ne (local.get 0) (i32.const 2048)) (then unreachable))
        (i32.store8 (i32.const 1024) (i32.const 0))))"""
    path = tmp_path / "slot.wasm"
    path.write_bytes(wasmtime.wat2wasm(text))
    pool = Pool("pool", 2048, 64, element=64, allocate=(Role("take"),))
    verdict = judged(path, Host.CONFORMING, (PoolKind.DISJOINT,), pool)[PoolKind.DISJOINT].verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert "should put give blocks up, `release` in a manifest says so" in str(verdict.trace.confirmation)
    named = replace(pool, release=(Role("put", ("pointer",)),))
    verdict = judged(path, Host.CONFORMING, (PoolKind.DISJOINT,), named)[PoolKind.DISJOINT].verdict
    assert isinstance(verdict, Proved), verdict


def test_a_pool_from_which_nothing_can_be_had_proves_nothing(tmp_path: Path) -> None:
    import wasmtime

    path = tmp_path / "never.wasm"
    path.write_bytes(
        wasmtime.wat2wasm('(module (memory 1) (func (export "alloc") (param i32) (result i32) unreachable))')
    )
    pool = Pool("pool", 2048, 1024, allocate=(Role("alloc"),))
    found = judged(path, Host.CONFORMING, (PoolKind.RANGE_IN_BOUNDS,), pool)
    assert isinstance(found[PoolKind.RANGE_IN_BOUNDS].verdict, Vacuous)


def test_a_start_function_leaves_the_beginning_unknown(tmp_path: Path) -> None:
    import wasmtime

    path = tmp_path / "start.wasm"
    text = '(module (memory 1) (func $s) (start $s) (func (export "alloc") (param i32) (result i32) i32.const 2048))'
    path.write_bytes(wasmtime.wat2wasm(text))
    with pytest.raises(NoModel, match="a start function"):
        calls(path, Pool("pool", 2048, 1024, allocate=(Role("alloc"),)))


@pytest.mark.parametrize(
    "words",
    [
        ("old", "old_size", "align", "length"),
        ("old", "old_size", "align", "align"),
        ("count", "value", "value", "size"),
    ],
)
def test_a_parameter_that_has_no_meaning_proves_nothing(words: tuple[str, ...]) -> None:
    pool = Pool("pool", 1040, 4096, allocate=(Role("cabi_realloc", words),))
    verdict = judged(EXAMPLE, Host.CONFORMING, (PoolKind.RANGE_IN_BOUNDS,), pool)[PoolKind.RANGE_IN_BOUNDS].verdict
    assert isinstance(verdict, Unknown)
    assert f"cabi_realloc: what its parameter {words[3]} is" in verdict.reason


BYTE_BY_BYTE = """(loop $next (if (i32.lt_u (local.get $n) (local.get 1)) (then
          (i32.store8 (i32.add (local.get $to) (local.get $n)) (i32.load8_u (i32.add (i32.const 2048) (local.get $n))))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br $next))))"""
AT_ONCE = "(memory.copy (local.get $to) (i32.const 2048) (local.get 1))"


def growing(up: int, copy: str, directory: Path, start: int = 2048, refused: str = "") -> Verdict:
    """Of `copy-owned`: one block of at most 64 bytes, which grows by going up so many, once. `refused`: what traps."""
    import wasmtime

    text = f"""(module (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (local $n i32) (local $to i32) (local $word i32)
        (if (i32.or (i32.gt_u (local.get 3) (i32.const 64)) (i32.lt_u (local.get 3) (local.get 1))) (then unreachable))
        {refused}
        (if (i32.eqz (i32.load (i32.const 1024))) (then
          (if (local.get 1) (then unreachable))
          (i32.store (i32.const 1024) (i32.const 1))
          (return (i32.const {start}))))
        (if (i32.ne (i32.load (i32.const 1024)) (i32.const 1)) (then unreachable))
        (if (i32.or (i32.ne (local.get 0) (i32.const {start})) (i32.eqz (local.get 1))) (then unreachable))
        (i32.store (i32.const 1024) (i32.const 2))
        (local.set $to (i32.const {start + up}))
        {copy}
        (local.get $to)))"""
    path = directory / "grows.wasm"
    path.write_bytes(wasmtime.wat2wasm(text))
    pool = Pool("pool", 2048, 1024, allocate=(Role("cabi_realloc"),))
    return judged(path, Host.CONFORMING, (PoolKind.COPY_OWNED,), pool)[PoolKind.COPY_OWNED].verdict


@pytest.mark.parametrize(
    ("up", "copy", "wanted"), [(8, BYTE_BY_BYTE, Refuted), (64, BYTE_BY_BYTE, Proved), (8, AT_ONCE, Proved)]
)
def test_a_copy_that_writes_over_what_it_has_yet_to_read(up: int, copy: str, wanted: type, tmp_path: Path) -> None:
    """`memory.copy` may overlap."""
    verdict = growing(up, copy, tmp_path)
    assert isinstance(verdict, wanted), verdict
    if isinstance(verdict, Refuted):
        assert isinstance(verdict.trace, Violation)
        assert isinstance(verdict.trace.confirmation, Replayed)


ZEROES_A_BYTE = "(i32.store8 (local.get $to) (i32.const 0))"
ZEROES_ALL = "(memory.fill (local.get $to) (i32.const 0) (local.get 1))"
COPIES_ELSEWHERE = "(memory.copy (i32.const 2560) (i32.const 2048) (local.get 1))"
BY_A_LOOP = BYTE_BY_BYTE.replace("(i32.load8_u (i32.add (i32.const 2048) (local.get $n)))", "(i32.const 0)")


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("(i32.store8 (i32.const 2048) (i32.const 0))", "", Refuted),
        ("", ZEROES_A_BYTE, Refuted),
        ("", ZEROES_ALL, Refuted),
        ("", BY_A_LOOP, Refuted),
        ("", COPIES_ELSEWHERE, Proved),
        (
            "(i32.store8 (i32.const 2560) (i32.const 0))",
            "(i32.store8 (i32.add (local.get $to) (i32.const 64)) (i32.const 0))",
            Proved,
        ),
    ],
)
def test_a_copy_that_is_written_over_is_none(before: str, after: str, wanted: type, tmp_path: Path) -> None:
    """The old block before it is copied, or the new one after it; what is written elsewhere is no matter."""
    verdict = growing(64, before + AT_ONCE + after, tmp_path)
    assert isinstance(verdict, wanted), verdict


NO_WHOLE_WORDS = """(if (i32.and (i32.or (local.get 1) (local.get 3)) (i32.const 3)) (then unreachable))
        (if (i32.eqz (local.get 3)) (then unreachable))"""


def carrying(start: int, up: int, first: int, shift: int, less: int, directory: Path) -> Verdict:
    """One block of up to 64 bytes and whole words, at an address that is one above a word's: it grows once. Words are
    put together of two that were loaded, each of which is loaded once.
    """
    copy = f"""(local.set $word (i32.load (i32.const {first})))
        (loop $next
          (i32.store (i32.add (local.get $to) (local.get $n)) (i32.or
            (i32.shr_u (local.get $word) (i32.const 8))
            (i32.shl (local.tee $word (i32.load offset=2052 (local.get $n))) (i32.const {shift}))))
          (br_if $next (i32.lt_u
            (local.tee $n (i32.add (local.get $n) (i32.const 4)))
            (i32.sub (local.get 1) (i32.const {less})))))"""
    return growing(up, copy, directory, start, NO_WHOLE_WORDS)


@pytest.mark.parametrize(
    ("start", "up", "first", "shift", "less", "wanted"),
    [
        pytest.param(2049, 67, 2048, 24, 0, Proved, id="right"),
        pytest.param(2049, 7, 2048, 24, 0, Refuted, id="over what is yet to be read"),
        pytest.param(2049, 67, 2052, 24, 0, Refuted, id="another first word"),
        pytest.param(2049, 67, 2048, 16, 0, Refuted, id="shifts that are no word together"),
        pytest.param(2049, 67, 2048, 24, 4, Refuted, id="a word too few"),
        pytest.param(2050, 66, 2048, 24, 0, Refuted, id="a byte off"),
    ],
)
def test_a_copy_that_carries_a_word(
    start: int, up: int, first: int, shift: int, less: int, wanted: type, tmp_path: Path
) -> None:
    verdict = carrying(start, up, first, shift, less, tmp_path)
    assert isinstance(verdict, wanted), verdict
    if isinstance(verdict, Refuted):
        assert isinstance(verdict.trace, Violation)
        assert isinstance(verdict.trace.confirmation, Replayed)
