"""`proofmark least`: over examples/pools, by the command line; and the search itself, over made-up verdicts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fake_provers import PROVED
from proved_pool import POOLS

from artifacts.explore.model import TraceView
from proofmark.cli import main
from proofmark.explore.opening import Asked, opened
from proofmark.job import Outcome
from proofmark.least import Holds, HoldsForNone, NotKnown, Varied, least, varied_of
from proofmark.pool_job import PoolJob
from proofs import verdicts
from proofs.kinds import PoolKind
from proofs.pool_run import LiveBlock, PoolMoment, PoolRun
from proofs.pool_verdicts import PoolFact, Replayed
from proofs.runtime.trace import RuntimeTrace
from proofs.verdicts import Refuted, Subject, Unknown, Verdict, Violation
from smt_models.pools.pool import Host, Pool, Role


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def manifest(directory: Path, file: str, obligation: str, pool: str) -> Path:
    (directory / file).write_bytes((POOLS / file).read_bytes())
    path = directory / "proofmark.toml"
    path.write_text(f'[[subject]]\npath = "{file}"\nobligations = ["{obligation}"]\n\n[[subject.pools]]\n{pool}')
    return path


BITMAP = """name = "pool"
base = {base}
size = 384
element = 48
alignment = 8
allocate = [{{ export = "take", parameters = [] }}]
release = ["release"]
"""
RECORDS = """name = "pool"
base = 0x410
size = 1200
element = 24
alignment = 8
allocate = [{ export = "take", parameters = ["count"], unit = 24 }]
"""


def test_a_check_that_lets_one_record_more_through(tmp_path: Path) -> None:
    """Both sides of the answer are decided; the certificate is there to be checked, the calls to be explored."""
    path = manifest(tmp_path, "records_end_off_by_one.wasm", "range-in-bounds", RECORDS)
    done = run("least", "--manifest", path, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "host=conforming: would hold from size 1224; 1200 was given" in said
    assert "refuted for 1223: shown by the module itself, called so" in said
    certificates = sorted((tmp_path / "out" / "proved" / "certificates").glob("*.cert.json"))
    checked = run("check", *certificates, "--subject", tmp_path / "records_end_off_by_one.wasm")
    assert checked.exit_code == 0, checked.output
    views = opened(Asked(tmp_path / "out" / "refuted")).views
    assert views
    for view in views:
        assert isinstance(view, TraceView)
        assert view.pool is not None
        assert view.pool.pool.size == 1223
        assert view.pool.moments[-1].broken == (0x410, 1224)


def test_the_right_pool_is_as_small_as_it_can_be(tmp_path: Path) -> None:
    path = manifest(tmp_path, "slot_bitmap.wasm", "range-in-bounds", BITMAP.format(base=0x408))
    done = run("least", "--manifest", path, "--obligation", "range-in-bounds", "--quiet")
    assert done.exit_code == 0, done.output
    assert done.output.count("holds from size 384; 384 was given") == 2
    assert "range-in-bounds after 8 steps" in done.output  # no call that could be left out
    assert run("least", "--manifest", path, "--quiet").output == ""  # nothing is refuted


def test_an_alignment_for_which_it_would_hold(tmp_path: Path) -> None:
    path = manifest(tmp_path, "slot_bitmap_pool_not_aligned.wasm", "aligned", BITMAP.format(base=0x404))
    done = run("least", "--manifest", path, "--quiet")
    assert done.exit_code == 0, done.output
    assert done.output.count("would hold up to alignment 4; 8 was given") == 2


def test_no_size_is_enough_before_something_else_begins(tmp_path: Path) -> None:
    pool = 'name = "BUFFER"\nbase = 4096\nsize = 256\nallocate = ["cabi_realloc"]\n'
    path = manifest(tmp_path, "one_shot_larger_fits.wasm", "range-in-bounds", pool)
    done = run("least", "--manifest", path, "--quiet")
    assert done.exit_code == 0, done.output
    assert "host=conforming: for no size up to 256" in done.output
    assert "these calls need a size of " in done.output


def test_what_no_size_enters_is_said(tmp_path: Path) -> None:
    path = manifest(tmp_path, "slot_bitmap_bit_not_set.wasm", "disjoint", BITMAP.format(base=0x408))
    done = run("least", "--manifest", path, "--quiet")
    assert done.exit_code == 0, done.output
    assert done.output.count("refuted whatever is said: no size, alignment or budget") == 2


def test_what_is_not_known_is_said_by_the_status_too(tmp_path: Path) -> None:
    pool = 'name = "BUFFER"\nbase = 4096\nsize = 256\nbudget = 100\nallocate = ["cabi_realloc"]\n'
    path = manifest(tmp_path, "one_shot.wasm", "within-budget", pool)
    done = run("least", "--manifest", path, "--obligation", "within-budget", "--seconds", "2", "--quiet")
    assert done.exit_code == 3, done.output
    assert "within-budget" in done.output
    assert "not known: budget " in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pool", "pool=1040:8"], "--pool needs a FILE"),
        ([str(POOLS / "one_shot.wasm"), "--manifest", "x"], "exclude each other"),
        ([str(POOLS / "slot_bitmap.wasm"), "--pool", "pool=1032:384"], "no export that hands out blocks"),
    ],
)
def test_what_is_asked_wrongly_is_said(arguments: list[str], said: str) -> None:
    done = run("least", *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


# The search

POOL = Pool("pool", 0x1000, 1000, alignment=64, budget=500, allocate=(Role("take", ()),))
JOB = PoolJob("made-up.wasm", POOL, Host.CONFORMING)


def outcome(kind: PoolKind, verdict: Verdict) -> Outcome:
    return Outcome(verdicts.Result(Subject("made-up.wasm", "made-up.wasm", 0, "0" * 64), kind, "", verdict, 0.0), None)


def broken(need: int) -> Verdict:
    """By one block that ends there."""
    block = LiveBlock("A", POOL.base, need, 1)
    fact = PoolFact(POOL.name, POOL.base, POOL.size, None, None, None)
    pool_run = PoolRun(fact, (), (PoolMoment((), ()), PoolMoment((block,), (), None, (block.at, block.size))))
    return Refuted(Violation(RuntimeTrace("range-in-bounds", "", None, (), (), pool_run), Replayed("so")))


class Engine:
    """Holds from a threshold on; counterexamples need some size up to that. `unknown`: sizes of no answer."""

    def __init__(self, threshold: int, unknown: frozenset[int] = frozenset(), seed: int = 0) -> None:
        self.threshold = threshold
        self.unknown = unknown
        self.asked: list[int] = []
        self._chance = random.Random(seed)

    def __call__(self, job: PoolJob) -> Outcome:
        size = job.pool.size
        self.asked.append(size)
        if size in self.unknown:
            return outcome(job.kinds[0], Unknown("too hard"))
        if size >= self.threshold:
            return outcome(job.kinds[0], PROVED)
        return outcome(job.kinds[0], broken(self._chance.randint(size + 1, self.threshold)))


def of_size(engine: Engine, most: int = 60_000) -> Holds | HoldsForNone | NotKnown:
    given = engine(PoolJob("made-up.wasm", POOL, Host.CONFORMING, (PoolKind.RANGE_IN_BOUNDS,)))
    answer = least(JOB, given, Varied("size", POOL.size, most, ""), engine)
    assert isinstance(answer, Holds | HoldsForNone | NotKnown)
    return answer


@pytest.mark.parametrize("threshold", [1, 2, 500, 999, 1000, 1001, 1024, 40_000, 59_999, 60_000])
def test_the_answer_is_the_threshold_and_both_sides_are_decided(threshold: int) -> None:
    for seed in range(5):
        engine = Engine(threshold, seed=seed)
        answer = of_size(engine)
        assert isinstance(answer, Holds)
        assert answer.proved.value == threshold
        assert threshold in engine.asked
        assert (answer.refuted is None) == (threshold == 1)
        if answer.refuted is not None:
            assert answer.refuted.value == threshold - 1
        assert len(engine.asked) <= 40
        assert len(set(engine.asked)) == len(engine.asked)


def test_beyond_what_is_there_it_holds_for_none() -> None:
    answer = of_size(Engine(60_001))
    assert isinstance(answer, HoldsForNone)
    assert answer.refuted.value == 60_000


def test_what_the_engine_does_not_know_is_not_known() -> None:
    """And what is known on both sides of it is told."""
    answer = of_size(Engine(2000, frozenset(range(1500, 1999)), seed=3))
    assert isinstance(answer, NotKnown | Holds)
    answer = of_size(Engine(1500, frozenset({1499})))
    assert isinstance(answer, NotKnown)
    assert answer.proved is not None
    assert answer.proved.value == 1500
    assert "size 1499: too hard" in answer.why
    answer = of_size(Engine(1500, frozenset({1000})))
    assert isinstance(answer, NotKnown)
    assert answer.proved is answer.refuted is None


def test_what_is_varied() -> None:
    def varied(kind: PoolKind, pool: Pool = POOL) -> Varied | str:
        return varied_of(pool, kind, (0x2000, "there it ends"))

    assert varied(PoolKind.RANGE_IN_BOUNDS) == Varied("size", 1000, 0x1000, "there it ends")
    assert varied(PoolKind.WITHIN_BUDGET) == Varied("budget", 500, 1000, "the size of the pool")
    aligned = varied(PoolKind.ALIGNED)
    assert isinstance(aligned, Varied)
    assert [aligned.value(place) for place in range(aligned.place, aligned.last + 1)] == [64, 32, 16, 8, 4, 2, 1]
    asked = Pool("pool", 0x1000, 1000, alignment=64, allocate=(Role("cabi_realloc"),))
    assert varied(PoolKind.ALIGNED, asked) == "callers say the alignment"
    assert "no size" in str(varied(PoolKind.DISJOINT))
