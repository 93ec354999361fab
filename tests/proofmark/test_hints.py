"""`proofmark hints`: a step that is taken out of the example's MIR is found again, and what is offered is proved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from proved_pool import POOLS, accepted, run

from extract.mir.compile import Panic
from extract.mir.parser import read_mir
from extract.rust.configuration import Configuration
from proofs.kinds import RuntimeKind
from proofs.recheck import Session
from proofs.recheck.invariant import check_invariant
from proofs.runtime import hints
from proofs.runtime.engine import Budget
from proofs.runtime.judge import OperationUnderProof, Spending, judge
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import Proved
from smt_models.host.variants import Peer
from smt_models.runtime.profile_files import profile_for
from smt_models.runtime.program import Program, load_program
from smt_models.runtime.repairs import Repair, repaired, repairs

EXAMPLES = POOLS.parent
RUNTIME = EXAMPLES / "runtime"
PROFILE = Path(__file__).parents[2] / "smt_models" / "runtime" / "profiles" / "operations" / "examples-runtime.toml"
REGISTER = "operation::<impl at src/operation.rs:84:1: 84:31>::register"
ONE = ("--seconds", "600", "--most", "1")
DELIVER = "task::<impl at src/task.rs:26:1: 26:10>::deliver"
UNREGISTER = "<impl at src/task.rs:26:1: 26:10>::unregister"
KINDS = (RuntimeKind.CROSS_TASK, RuntimeKind.MEMORY)


def _without_unregister() -> str:
    """The MIR in which an operation registers with a new task and does not leave the old one."""
    text = (RUNTIME / "mir" / "abort.mir").read_text()
    start = text.index(f"fn {REGISTER}(")
    call = r"(\n +)_\d+ = operation::InFlight::<O>::unregister\(.*\) -> \[return: (bb\d+), [^\n]*?;"
    body, count = re.subn(call, r"\1goto -> \2;", text[start : text.index("\n}\n", start)], count=1)
    assert count == 1
    return text[:start] + body + text[text.index("\n}\n", start) :]


def _unregistered_first() -> str:
    """The MIR in which a task forgets an operation before it hands it the event."""
    text = (RUNTIME / "mir" / "abort.mir").read_text()
    start = text.index(f"fn {DELIVER}(")
    end = text.index("\n}\n", start)
    body = text[start:end]
    new, block = (1 + max(map(int, re.findall(sign, body))) for sign in (r"\b_(\d+)\b", r"\bbb(\d+)\b"))
    at = "src/task.rs:79:9: 79:20"
    name = DELIVER.replace("deliver", "unregister")
    call = f"_{new} = {name}(copy _1, copy _3) -> [return: bb{block}, unwind continue]; // scope 0 at {at}"
    body = body.replace("    let ", f"    let _{new}: (); // in scope 0 at {at}\n    let ", 1)
    head, first, rest = re.split(r"    bb0: \{\n(.*?)    \}\n", body, maxsplit=1, flags=re.DOTALL)
    body = f"{head}    bb0: {{\n        {call}\n    }}\n{rest}\n\n    bb{block}: {{\n{first}    }}"
    return text[:start] + body + text[end:]


def _program(mir: Path) -> Program:
    return load_program(read_mir(str(mir)), RUNTIME, Configuration.of(['panic="abort"']))


@pytest.fixture(scope="module")
def refuted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("hints")
    (directory / "abort.mir").write_text(_without_unregister())
    crate = ("--mir", directory / "abort.mir", "--src", RUNTIME, "--profile", PROFILE)
    asked = ("--panic", "abort", "--peer", "host", "--operation", "future-read")
    kinds = [word for kind in KINDS for word in ("--obligation", kind.value)]
    done = run("prove", *crate, *asked, *kinds, "--jobs", "1", "--no-cache", "--out", directory / "out")
    assert done.exit_code == 1, done.output
    return directory


def test_the_step_that_is_missing_is_found_and_its_proof_holds(refuted: Path) -> None:
    done = run("hints", refuted / "out", "--src", RUNTIME, *ONE, "--json", "--quiet")
    (found,) = json.loads(done.stdout)
    assert (done.exit_code, found["obligation"]) == (0, "cross-task"), done.output
    hint = found["hints"][0]
    assert hint["edit"] == "call InFlight::unregister before this"
    function, block, line = hint["where"]
    assert function == REGISTER
    assert line.startswith("src/operation.rs:")
    assert hint["rust"] == (RUNTIME / "src" / "operation.rs").read_text().splitlines()[int(line.split(":")[1]) - 1]
    assert set(hint["proved"]) == {kind.value for kind in KINDS}
    _assert_proved(_program(refuted / "abort.mir"), function, block, hint["edit"])


def _assert_proved(program: Program, function: str, block: int, edit: str) -> None:
    """Once more, by itself."""
    made = next(one for one in repairs(program, ((function, block),)) if one.what == edit and one.where.block == block)
    profile = profile_for("proofmark-runtime-example", "0.1.0")
    asked = OperationUnderProof(program, profile, profile.operation("future-read"), Peer.HOST, Panic.ABORT)
    spending = Spending(Budget(120, 4096), Budget(60, 4096), session=Session())
    for judged in judge(replace(asked, program=repaired(program, made)), KINDS, spending):
        assert isinstance(judged.verdict, Proved)
        evidence = judged.verdict.evidence
        assert isinstance(evidence, Invariant)
        check_invariant(evidence.model, evidence.invariant, evidence.excluded)


def test_of_the_tasks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the 86 edits that are known those that speak of the call are tried: it is the fifteenth of all."""

    def some(program: Program, blocks: Sequence[tuple[str, int]]) -> Iterator[Repair]:
        return (one for one in repairs(program, blocks) if one.where.function == DELIVER and UNREGISTER in one.what)

    (tmp_path / "abort.mir").write_text(_unregistered_first())
    crate = ("--mir", tmp_path / "abort.mir", "--src", RUNTIME, "--profile", PROFILE)
    asked = ("--panic", "abort", "--peer", "host", "--operation", "task-side", "--jobs", "1", "--no-cache")
    done = run("prove", *crate, *asked, "--obligation", "task-contract", "--out", tmp_path / "out")
    assert done.exit_code == 1, done.output
    monkeypatch.setattr(hints, "repairs", some)
    done = run("hints", tmp_path / "out", "--src", RUNTIME, *ONE, "--json", "--quiet")
    (found,) = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (found["obligation"], found["hints"][0]["proved"]) == ("task-contract", ["task-contract"])
    assert found["hints"][0]["edit"] == f"leave out the call of {UNREGISTER}"


def test_without_time_there_is_no_hint(refuted: Path) -> None:
    done = run("hints", refuted / "out", "--src", RUNTIME, "--seconds", "1")
    assert done.exit_code == 3
    assert "none for cross-task" in done.output


def test_what_refutes_nothing_has_no_hints(tmp_path: Path) -> None:
    asked = ("--obligation", "realloc-no-grow", "--assume", "host-tables", "--no-cache", "--out", tmp_path)
    accepted(run("prove", EXAMPLES / "table_open.wasm", *asked))
    assert run("hints", tmp_path).exit_code == 3
    assert run("hints", tmp_path / "none").exit_code == 2


def test_without_the_program_there_is_nothing_to_edit(refuted: Path) -> None:
    assert run("hints", refuted / "out").exit_code == 2
