"""What is proved of random crates, compared with what was seen of them."""

from __future__ import annotations

import re
import subprocess
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rust_pools import KINDS, subject_of_source

from proofs.pools.bounded import Route
from proofs.runtime.engine import Budget
from proofs.static_pools.calls import writable, written
from proofs.static_pools.judge import judge
from proofs.verdicts import ConfirmedNatively, NotConfirmed, Proved, Refuted, Unknown, Vacuous, Verdict, Violation
from random_statics.crates import Crate
from random_statics.twin import Breach, Runs, breach_of, built, program
from smt_models.pools import conditions as c
from smt_models.static_pools.model import StaticPools, groups, model_of, pools_of
from smt_models.static_pools.subject import Subject


@dataclass(frozen=True, slots=True)
class Finding:
    """`what`: a wrong proof, a wrong refutation, or an error."""

    what: str
    crate: Crate
    why: str


@dataclass(frozen=True, slots=True)
class Compared:
    verdicts: Mapping[tuple[str, str], Verdict]
    findings: tuple[Finding, ...]


def compared(
    crate: Crate, seen: Mapping[tuple[str, str], Breach], folder: Path, rustc: Sequence[str], budget: Budget
) -> Compared:
    """Raises nothing: an error is a finding."""
    try:
        verdicts, findings = _verdicts(crate, folder, rustc, budget)
    except subprocess.CalledProcessError as error:
        return Compared({}, (Finding("does not compile", crate, str(error)),))
    except Exception:
        return Compared({}, (Finding("an error", crate, traceback.format_exc()),))
    for (pool, kind), one in seen.items():
        verdict = verdicts.get((pool, kind), Vacuous("no such pool"))
        if isinstance(verdict, Proved | Vacuous):
            findings.append(Finding("a wrong proof", crate, f"{kind} of {pool}: {verdict!s:.80}, seen: {one}"))
    return Compared(verdicts, tuple(findings))


def _verdicts(
    crate: Crate, folder: Path, rustc: Sequence[str], budget: Budget
) -> tuple[dict[tuple[str, str], Verdict], list[Finding]]:
    folder.mkdir(parents=True)
    subject = subject_of_source(crate.source, folder)
    found: dict[tuple[str, str], Verdict] = {}
    findings: list[Finding] = []
    for group in groups(subject):
        pools = pools_of(subject, group)
        if not pools:
            continue
        try:
            model = model_of(subject, group)
        except LookupError as error:
            found |= {(pool, kind.value): Unknown(str(error)) for pool in pools for kind in KINDS}
            continue
        lost = tuple(one.what for one in model.calls if c.flag(c.UNMODELLED).name in dict(one.step.step.updates))
        if lost:  # nothing can be proved of it but where no call gets there, which takes its time
            found |= {(pool, kind.value): Unknown(lost[0]) for pool in pools for kind in KINDS}
            continue

        def confirm(route: Route, model: StaticPools = model) -> ConfirmedNatively | NotConfirmed:
            return _replayed(crate, subject, model, route, folder, rustc)

        for one in judge(subject, model, pools, KINDS, budget, confirm):
            found[one.pool, one.kind.value] = one.verdict
            match one.verdict:
                case Refuted(Violation(trace, NotConfirmed(why))) if "nothing seen" in why:
                    findings.append(
                        Finding(
                            "a refutation not seen",
                            crate,
                            f"{one.kind.value} of {one.pool}: {why} ({trace.where})",
                        )
                    )
    return found, findings


def _replayed(
    crate: Crate, subject: Subject, model: StaticPools, route: Route, folder: Path, rustc: Sequence[str]
) -> ConfirmedNatively | NotConfirmed:
    """Whether the twin, called so, breaks what the route is of."""
    lines = []
    for made in route.calls:
        call = model.calls[made.step]
        if not writable(subject, call):
            return NotConfirmed("a call that cannot be written")
        text = written(subject, call, made.arguments, "c0::")
        of = next((one for one in crate.functions if one.pool is not None and one.name == call.step.call), None)
        size = f"{made.arguments[0]}" if of is not None and of.size is not None else "0"
        lines.append(f"{text};" if of is None else f"c0::seen_{of.name}({text}, {size}, 1);")
    try:
        runs = Runs(built(program([crate], lines), folder / "replay", rustc))
    except subprocess.CalledProcessError as error:
        return NotConfirmed(f"does not compile: {error.stderr[:300]}")
    said, _, noted = runs.run("replay")
    if not said:
        return NotConfirmed(f"nothing seen: {' '.join(lines)}")
    breach = breach_of(crate, said, noted)
    if f"{breach.kind} of {breach.pool}" != route.kind:
        return NotConfirmed(f"{breach.kind} of {breach.pool} seen instead: {' '.join(lines)}")
    return ConfirmedNatively("seen in the twin")


def reason(verdict: Unknown) -> str:
    """Without what is of this crate alone."""
    text = re.sub(r"\b[vPKNf]\d+\b|\bhelp\d+_v\d+\b", "_", str(verdict.reason))
    return re.sub(r"\d+", "#", text)[:110]
