"""`proofmark safety-case RUN`: the argument that a run's certificates make now, in the forms that others read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, assert_never, get_args

from artifacts.names import visible
from artifacts.safety.argument import Argument, Leaf, Note, argument
from artifacts.safety.case_json import case_json
from artifacts.safety.leaves import leaf, notes_of_run, notes_of_subject
from artifacts.safety.states import Certified, Standing, State
from extract.errors import InputError, WholeFile
from proofmark import console, guard
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.report_files import bad, read_json, read_report, unlike
from proofmark.standing import Place, hashes_of, standing
from proofmark.version import VERSION
from proofs.recheck import Session

Form = Literal["json", "rivet", "mermaid", "svg"]
FORMS: tuple[Form, ...] = get_args(Form)
_FILES: dict[Form, str] = {
    "json": "safety-case.json",
    "rivet": "safety-case.rivet.yaml",
    "mermaid": "safety-case.mmd",
    "svg": "safety-case.svg",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`directory`: of the run. `by_lrat`: invariants are held to propositional proofs, and no solver is asked."""

    directory: Path
    subjects: Sequence[Path] = ()
    by_lrat: bool = False


def run(asked: Asked, accepted: Path | None, forms: Sequence[Form], out: Path, quiet: bool) -> int:
    """0: all holds; 1: something is refuted or rejected; 2: no run to read; 3: anything less than that all holds."""
    try:
        before = () if accepted is None else _accepted(accepted)
        made, leaves = case_of(asked, before)
    except InputError as error:
        console.err(f"error: {error}")
        return guard.BAD_INPUT
    for form in forms or FORMS:
        try:
            out.mkdir(parents=True, exist_ok=True)
            write_atomically(out / _FILES[form], rendered(made, form))
        except OSError as error:
            raise UsageError(f"--out {out}: {error.strerror}; expected a directory that can be written") from error
    if not quiet:
        console.results([said(one) for one in leaves], to_stderr=False)
        holds = sum(one.standing.state is State.HOLDS for one in leaves)
        why = f": {made.nodes[0].why}" if made.nodes[0].why else ""
        console.results([(f"{made.state.value}  the whole, {holds} of {len(leaves)} hold{visible(why, 600)}",)], False)
    return status_of(made.state)


def rendered(made: Argument, form: Form) -> bytes:
    match form:
        case "json":
            return case_json(made, VERSION)
        case "rivet":
            from artifacts.safety.rivet import rivet

            return rivet(made)
        case "mermaid":
            from artifacts.safety.mermaid import mermaid

            return mermaid(made)
        case "svg":
            from artifacts.safety.drawing import drawing

            return drawing(made)
    assert_never(form)


def case_of(asked: Asked, accepted: Sequence[Certified] = ()) -> tuple[Argument, tuple[Leaf, ...]]:
    """`accepted`: the certificates that a case held up that people looked at. Raises InputError."""
    report = read_report(asked.directory)
    place = Place(asked.directory, hashes_of(asked.subjects), asked.by_lrat)
    before = {one.about: one for one in accepted}
    leaves: list[Leaf] = []
    of_subjects: dict[str, frozenset[Note]] = {}
    for row, now in _standings(_rows(asked.directory, report), place):
        subject = row["subject"]
        found = leaf(subject["path"], row["obligation"], row["instance"], now)
        known = before.pop(now.certificate.about, None) if now.certificate is not None else None
        leaves.append(found if known is None else replace(found, standing=held_to(known, now)))
        of_subjects[subject["path"]] = notes_of_subject(subject)
    answered = {(one.subject, one.obligation, one.instance) for one in leaves}
    missing = [(one["subject"], one["obligation"], one["instance"] or "") for one in report["missing"]]
    for about, why in (*((one, "no result answers it") for one in missing), *((one, GONE) for one in before)):
        if about not in answered:
            leaves.append(leaf(*about, Standing(State.MISSING, why)))
    return argument(leaves, _whole(report), notes_of_run(VERSION), of_subjects), tuple(leaves)


def _standings(rows: Sequence[Mapping[str, Any]], place: Place) -> list[tuple[Mapping[str, Any], Standing]]:
    with Session() as session:
        return [(row, standing(row, replace(place, session=session))) for row in rows]


GONE = "the accepted case had a certificate of it, and this run has no result"


def held_to(accepted: Certified, now: Standing) -> Standing:
    """What people accepted is what they saw: with another certificate, rules, tool or solver they look again."""
    found = now.certificate
    if now.state is not State.HOLDS or found is None or found == accepted:
        return now
    pairs = (
        ("solver", accepted.solver, found.solver),
        ("tool", accepted.tool_version, found.tool_version),
        ("rules", accepted.rule_pack, found.rule_pack),
        ("certificate", accepted.sha256, found.sha256),
        ("file", accepted.file, found.file),
    )
    changed = "; ".join(f"{what} {old} → {new}" for what, old, new in pairs if old != new)
    return replace(now, state=State.EXPIRED, why=f"not what was accepted: {changed}")


def _rows(directory: Path, report: dict[str, Any]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in report["results"]:
        key = row["subject"]["path"], row["obligation"], row["instance"]
        if key in rows:
            raise bad(directory / "report.json", f"two results for {key[1]} of {key[0]} ({key[2]})")
        rows[key] = row
    return list(rows.values())


def _whole(report: dict[str, Any]) -> Standing:
    if report["errors"]:
        return Standing(State.MISSING, f"the run had errors: {report['errors'][0]}")
    if report["run_state"] != "complete":
        return Standing(State.MISSING, f"the run is {report['run_state']}")
    for join in report["joins"]:
        ends = f"static {join['static']} of {join['crate']} and {join['module']}"
        if join["findings"]:
            return Standing(State.REFUTED, f"{ends} differ: {join['findings'][0]}")
        if join["open"]:
            return Standing(State.MISSING, f"{ends} are not joined: {join['open'][0]}")
    return Standing(State.HOLDS, "")


def _accepted(path: Path) -> tuple[Certified, ...]:
    from artifacts.safety.case_json import certified_in, schema

    document = read_json(path)
    if found := unlike(document, schema()):
        raise InputError(str(path), WholeFile(), found, "a safety case")
    return certified_in(document)


def said(one: Leaf) -> tuple[str, ...]:
    instance = f" ({visible(one.instance)})" if one.instance else ""
    head = f"{one.standing.state.value:<9} {one.obligation} of {visible(one.subject)}{instance}"
    return (head,) if one.standing.state is State.HOLDS else (head, f"          {visible(one.standing.why, 600)}")


def status_of(state: State) -> int:
    match state:
        case State.HOLDS:
            return 0
        case State.REFUTED | State.REJECTED:
            return 1
        case _:
            return 3
