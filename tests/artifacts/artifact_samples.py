"""Verdicts of every sort, made by hand, for the tests of what is written out."""

from __future__ import annotations

from pathlib import Path as FilePath

from artifacts.run import Expected, Run, RunState
from proofs import wording
from proofs.verdicts import (
    Bounded,
    ClosedSet,
    Confirmation,
    Confirmed,
    Cut,
    FunctionId,
    ImportSite,
    Kind,
    Needs,
    NotConfirmed,
    Path,
    Proved,
    Reach,
    Refuted,
    Result,
    Step,
    Subject,
    Unknown,
    Vacuous,
    Verdict,
    Vestiges,
    VestigialExport,
)

SHA = "0123456789abcdef" * 4

HOSTILE = (
    "\x1b[31mred\x1b[0m\x00 | `tick` \n<script>alert(1)</script> [x](https://evil.example) @someone #1 "
    "\u202egnp.exe \ud800 \ufffe ]]> --> \\ \" ' {0} 名前 &amp; \u2028 end"
)

CONFIRMED = Confirmed("cabi_realloc", (0, 0, 1, 65537), 1, 17, 18, "arguments from a search over sizes")


def subject(path: str = "mods/app.wasm", sha256: str = SHA) -> Subject:
    return Subject(path, path.rsplit("/", 1)[-1], 1234, sha256)


def result(verdict: Verdict, kind: Kind = Kind.REALLOC_NO_GROW, path: str = "mods/app.wasm") -> Result:
    instance = wording.instance(kind, ("tick",) if kind is Kind.NO_ALLOC_PATH else None)
    return Result(subject(path), kind, instance, verdict, 0.0125)


def closed_set() -> Proved:
    evidence = ClosedSet(
        roots=(FunctionId(1, 9), FunctionId(0, 3)),
        root_names=None,
        goal=None,
        goal_names=(),
        members=((1, ((7, 7), (9, 12))), (0, ((3, 5),))),
    )
    assumptions = (wording.assumption("host-function", "env.log"), wording.assumption("canonical-builtins"))
    return Proved(evidence, assumptions)


def named_closed_set() -> Proved:
    evidence = ClosedSet(
        roots=(FunctionId(0, 3),),
        root_names=("tick",),
        goal=(FunctionId(0, 8), FunctionId(0, 2)),
        goal_names=("malloc", "calloc"),
        members=((0, ((3, 3),)),),
    )
    return Proved(evidence, ())


def needs() -> Proved:
    evidence = Needs(
        (
            (FunctionId(1, 2), ImportSite(2, "env", "cabi_realloc"), "imported by core instance 2"),
            (FunctionId(0, 7), 4, "needed by canonical definition 4"),
            (FunctionId(2, 1), "send", "the boundary function send"),
        )
    )
    return Proved(evidence, (wording.assumption("boundary", "send"),))


def path(root: str, inner: tuple[str, ...], shift: int = 0, indices: dict[str, int] | None = None) -> Path:
    """A path from `root` through `inner` to memory.grow; `shift` moves all offsets."""
    numbers = indices if indices is not None else {}
    steps = [Step(root, FunctionId(0, numbers.setdefault(root, len(numbers))), "realloc of a lift", None, "T1")]
    for place, name in enumerate(inner):
        node = FunctionId(0, numbers.setdefault(name, len(numbers)))
        action = "call_indirect of table 0" if place % 7 == 3 else "call"
        steps.append(Step(name, node, action, 0x1000 + shift + 16 * place, "E5" if place % 7 == 3 else "E1"))
    steps.append(Step("memory.grow", None, "memory.grow", 0x9000 + shift, "E4"))
    return Path(root, tuple(steps))


def reach(shift: int = 0, confirmation: Confirmation = CONFIRMED) -> Refuted:
    indices: dict[str, int] = {}
    paths = (
        path("cabi_realloc", ("__rust_realloc", "dlmalloc::malloc", "sbrk"), shift, indices),
        path("cabi_realloc$1", ("dlmalloc::malloc", "sbrk"), shift, indices),
    )
    cut = Cut((("dlmalloc::malloc", "sbrk"),), ())
    return Refuted(Reach(paths, ("cabi_realloc", "cabi_realloc$1", "run"), cut, confirmation))


def vestiges(functions: int = 2) -> Refuted:
    alive = tuple(f"alloc_{number}" for number in range(functions))
    first = VestigialExport("cabi_realloc", FunctionId(0, 12), alive, functions + 1, 4096, True)
    second = VestigialExport("cabi_realloc$1", FunctionId(1, 3), (), 1, 12, False)
    return Refuted(Vestiges((first, second), functions + 3, 4200, True))


def hostile() -> Refuted:
    """A refutation in which every name is hostile."""
    step = Step(HOSTILE, FunctionId(0, 1), HOSTILE, 7, HOSTILE)
    goal = Step(HOSTILE + "!", None, HOSTILE, 9, "E4")
    said = Confirmed(HOSTILE, (1,), 1, 1, 2, HOSTILE)
    return Refuted(Reach((Path(HOSTILE, (step, goal)),), (HOSTILE,), Cut(((HOSTILE, HOSTILE),), (HOSTILE,)), said))


def every_result() -> tuple[Result, ...]:
    """One result of each sort, not in order."""
    lost = NotConfirmed("no arguments found in 2 s")
    return (
        result(vestiges(), Kind.REALLOC_VESTIGIAL),
        result(reach()),
        result(reach(confirmation=lost), Kind.MODULE_NO_GROW, "mods/other.wasm"),
        result(closed_set(), path="mods/pool.wasm"),
        result(named_closed_set(), Kind.NO_ALLOC_PATH, "mods/pool.wasm"),
        result(needs(), Kind.REALLOC_VESTIGIAL, "mods/pool.wasm"),
        result(Unknown("table 0 is open: exported as __indirect_function_table"), path="mods/open.wasm"),
        result(Bounded(12, "the search ended there"), Kind.MODULE_NO_GROW, "mods/open.wasm"),
        result(Vacuous("no function is exported as cabi_realloc"), path="mods/none.wasm"),
        Result(subject(f"mods/{HOSTILE}.wasm"), Kind.REALLOC_NO_GROW, "every realloc", hostile(), 0.5),
        Result(subject("mods/h.wasm"), Kind.NO_ALLOC_PATH, f"roots {HOSTILE}", Unknown(HOSTILE), 0.5),
    )


def run(
    *results: Result,
    run_state: RunState = "complete",
    missing: tuple[Expected, ...] = (),
    errors: tuple[str, ...] = (),
) -> Run:
    expected = (*missing, *(Expected(r.subject.path, r.kind.value, None) for r in results))
    return Run("0.1.0", run_state, results, expected, missing, errors, FilePath("/base"))


def every_run() -> dict[str, Run]:
    """Runs that between them hold everything that can be written out."""
    missing = (Expected("mods/gone.wasm", "realloc-no-grow", None), Expected(HOSTILE, HOSTILE, HOSTILE))
    return {
        "everything": run(*every_result(), missing=missing, errors=("x.wasm: offset 8: expected a section", HOSTILE)),
        "green": run(result(closed_set())),
        "empty": run(),
        "failed": run(result(reach()), run_state="failed"),
        "cut short": run(result(closed_set()), run_state="incomplete"),
    }
