"""`proofmark hints`: small edits of a runtime with which what was refuted is proved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from artifacts.explore.json_reading import Node, read_json
from artifacts.hints import Hinted, document, text
from extract.errors import InputError, WholeFile
from proofmark import console
from proofmark.run_models import ProgramAt, job_of, part_of
from proofmark.runtime_job import RuntimeJob, spending_of
from proofs.ablation.left import Clock
from proofs.kinds import RuntimeKind
from proofs.recheck import Session
from proofs.runtime.hints import Asked, Hint, Hints
from proofs.runtime.line_process import NoAnswer
from smt_models.runtime.explore import NoFixpoint
from smt_models.runtime.outcomes import NotModelled, Where

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`run`: the directory of a run. `kinds`: of refuted obligations; none named: all. `seconds`: for each of them, and
    `most` hints.
    """

    run: Path
    kinds: tuple[str, ...]
    program: ProgramAt
    seconds: int
    megabytes: int
    most: int


def run(wanted: Wanted, as_json: bool, quiet: bool) -> int:
    """0: a hint for each refutation; 3: none for one of them, or nothing was refuted. Raises InputError."""
    report = wanted.run / REPORT
    if not report.is_file():
        raise InputError(str(wanted.run), WholeFile(), f"a directory without {REPORT}", "that of `prove --out`")
    results = [one for one in read_json(report).child("results").items() if one.child("subject").has("build")]
    program = ProgramAt(wanted.program.sources, wanted.program.package, (wanted.run / "certificates",))
    found = []
    for result in results:
        kind = result.child("obligation").text()
        if result.child("verdict").value == "refuted" and (not wanted.kinds or kind in wanted.kinds):
            found.append(_hinted(result, results, program, wanted))
            if not quiet:
                console.results([text(found[-1])], to_stderr=as_json)
    if not found and not quiet:
        console.err("nothing about a runtime is refuted there: nothing was asked")
    if as_json:
        console.out(json.dumps([document(one) for one in found], indent=1).encode("ascii") + b"\n")
    return 0 if found and all(one.hints for one in found) else 3


def _hinted(result: Node, results: Sequence[Node], program: ProgramAt, wanted: Wanted) -> Hinted:
    """Raises InputError."""
    obligation, instance = result.child("obligation").text(), result.child("instance").text()
    job = job_of(result, program)
    asked = Asked(part_of(job), RuntimeKind(obligation), *_others(result, results))
    hints: list[Hint] = []
    with Session() as session:
        search = Hints(asked, spending_of(job, session), Clock.of(wanted.seconds, wanted.megabytes), wanted.most)
        try:
            hints.extend(search.found())
            ended = _ended(search, hints, wanted.seconds)
        except (NoFixpoint, NotModelled, NoAnswer) as error:
            ended = f"the model was not looked at to its end: {error}"
    return Hinted(obligation, instance, tuple(hints), tuple(_line(job, one.where) for one in hints), ended)


def _ended(search: Hints, hints: Sequence[Hint], seconds: int) -> str:
    if search.known == 0:
        return "no small edit is known along a shortest run that breaks it"
    tried = f"{search.tried} of {search.known} small edits were tried"
    if hints:
        return tried
    if search.tried == search.known:
        return f"{tried}: with none of them it is proved, and what was proved before, and nothing taken away"
    return f"{tried} in {seconds} s, and none is proved: --seconds tries more"


def _others(result: Node, results: Sequence[Node]) -> tuple[tuple[RuntimeKind, ...], tuple[RuntimeKind, ...]]:
    """What else was proved of the same part, and what else refuted."""

    def of(verdict: str) -> tuple[RuntimeKind, ...]:
        return tuple(
            RuntimeKind(one.child("obligation").text())
            for one in results
            if one.child("verdict").value == verdict and one is not result and _part(one) == _part(result)
        )

    return of("proved"), of("refuted")


def _part(result: Node) -> tuple[str, str]:
    return result.child("subject").child("sha256").text(), result.child("instance").text()


def _line(job: RuntimeJob, where: Where) -> str:
    """The text of a line of the crate's own, if it is at hand."""
    file, _, number = where.source.rpartition(":")
    path = Path(job.crate.source_directory) / file
    if Path(file).is_absolute() or not path.is_file() or not number.isdigit():
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[int(number) - 1] if int(number) <= len(lines) else ""
