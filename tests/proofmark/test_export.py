"""`export`, and `check --lrat`: propositional proofs of a pool's and of a runtime's certificates, without a solver."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from proved_pool import POOLS, accepted, prove_pool, rebind, run, text_beside

from proofs.recheck import Accepted, Rejected, invariant, recheck_file
from proofs.recheck.faults import Refused
from proofs.recheck.lrat import check_lrat
from proofs.recheck.propositional import excluded_queries
from proofs.recheck.question import Question
from proofs.recheck.solver_process import SolverProcess


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, their subject beside them, and their propositional proofs."""
    certificates = prove_pool(tmp_path_factory.mktemp("pool"))
    accepted(run("export", certificates))
    return certificates


@pytest.fixture
def directory(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "certificates"))


def _certificate(directory: Path) -> Path:
    return sorted(directory.glob("*.cert.json"))[0]


def _no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("a solver was asked")

    monkeypatch.setattr(invariant, "_answer", asked)


def test_accepted_without_a_solver(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_solver(monkeypatch)
    done = run("check", "--lrat", directory)
    assert done.exit_code == 0, done.output
    assert done.output.count("accepted ") == 2
    assert all(isinstance(recheck_file(one, by_lrat=True), Accepted) for one in directory.glob("*.cert.json"))


def test_one_process_of_the_solver_for_all_certificates_and_none_is_left(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[SolverProcess] = []

    def noted() -> SolverProcess:
        begun.append(SolverProcess())
        return begun[-1]

    monkeypatch.setattr("proofs.recheck.solver_process.SolverProcess", noted)
    assert run("check", directory).exit_code == 0
    (only,) = begun
    assert only._process.poll() is not None


def test_the_same_certificate_gives_the_same_proofs(directory: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert run("export", _certificate(directory), "--out", again).exit_code == 0
    for path in again.iterdir():
        assert path.read_bytes() == (directory / path.name).read_bytes()


def test_without_proofs_it_is_rejected(directory: Path) -> None:
    for path in directory.glob("*.lrat"):
        path.unlink()
    done = run("check", "--lrat", directory)
    assert done.exit_code == 1
    assert "there is no file" in done.output
    assert run("check", directory).exit_code == 0


def _changed_lines(text: str) -> list[tuple[str, str]]:
    lines = text.splitlines()
    titles = [at for at, line in enumerate(lines) if line.startswith("c ")]
    last = max(range(len(lines)), key=lambda at: len(lines[at]))
    without_hint = re.sub(r" \d+ 0$", " 0", lines[last])
    assert without_hint != lines[last]
    return [
        ("\n".join([*lines[:last], without_hint, *lines[last + 1 :]]) + "\n", "does not follow|nothing follows"),
        ("\n".join(lines[:last]) + "\n", "without the empty clause"),
        ("\n".join(lines[: titles[-1]]) + "\n", "where the proof of 'c step"),
        ("\n".join([*lines, "c more"]) + "\n", "more lines than proofs"),
        ("\n".join(lines[1:]) + "\n", "where the proof of 'c initial"),
        (text.replace("c step 1 ", "c step 1 0"), "where the proof of 'c step 1"),
        (text + "\xff", "no text in ASCII"),
        (text[:-1], "the last line has no end"),
        (text + "\n", "more lines than proofs"),
        (text.replace("\n", "\r\n"), "where the proof of 'c initial"),
        (text.replace("\n", "\x0b", 1), "where the proof of 'c initial"),
        (text[: len(text) // 2], "the last line has no end"),
        ("", "where the proof of 'c initial"),
    ]


def test_changed_proofs_are_refused(directory: Path) -> None:
    certificate = _certificate(directory)
    asked = _question(certificate)
    path = directory / asked.inductive_file
    text = path.read_text()
    for changed, reason in _changed_lines(text):
        path.write_text(changed, encoding="latin-1")
        answer = recheck_file(certificate, by_lrat=True)
        assert isinstance(answer, Rejected)
        assert re.search(reason, answer.reason), answer.reason


def test_proofs_of_another_certificate_do_not_serve(directory: Path) -> None:
    one, other = sorted(directory.glob("*.cert.json"))
    shutil.copy(directory / _question(other).inductive_file, directory / _question(one).inductive_file)
    answer = recheck_file(one, by_lrat=True)
    assert isinstance(answer, Rejected)
    assert "where the proof of" in answer.reason


def _question(path: Path) -> Question:
    excluded = tuple(json.loads(path.read_bytes())["evidence"]["excluded"])
    return Question(text_beside(path, "model"), text_beside(path, "invariant"), excluded, ghosts=True)


def test_a_changed_model_has_no_refutation(directory: Path) -> None:
    """A cell begins with another number: the proofs are of other clauses, and there are none of these."""
    certificate = _certificate(directory)
    before = _question(certificate)
    initial = "(define-fun initial () Bool "
    assert f"{initial}(and" in before.model
    rebind(certificate, "model", before.model.replace(f"{initial}(and", f"{initial}(or"))
    after = _question(certificate)
    done = run("check", "--lrat", certificate)
    assert done.exit_code == 1
    assert "there is no file" in done.output
    for old, new in ((before.inductive_file, after.inductive_file), (before.excluded_file, after.excluded_file)):
        shutil.copy(directory / old, directory / new)
    done = run("check", "--lrat", certificate)
    assert done.exit_code == 1
    assert "where the proof of 'c initial" in done.output
    done = run("export", certificate)
    assert done.exit_code == 1
    assert "initial: its clauses do not contradict each other" in done.output


def test_an_invariant_that_excludes_nothing_has_no_refutation(directory: Path) -> None:
    certificate = _certificate(directory)
    rebind(certificate, "invariant", "true")
    done = run("export", certificate)
    assert done.exit_code == 1
    assert "excluded: its clauses do not contradict each other" in done.output


def test_nothing_to_export(tmp_path: Path) -> None:
    done = run("prove", POOLS.parent / "no_alloc.wasm", "--obligation", "module-no-grow", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    done = run("export", tmp_path / "certificates")
    assert done.exit_code == 0
    assert "a closed set needs no solver" in done.output


@pytest.mark.parametrize(
    ("content", "status", "said"), [(None, 2, "No such file"), (b"{}", 1, "rejected"), (b"\xff", 1, "rejected")]
)
def test_what_is_no_certificate(content: bytes | None, status: int, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cert.json"
    if content is not None:
        path.write_bytes(content)
    done = run("export", path)
    assert (done.exit_code, said in done.output) == (status, True), done.output


# Bundles


def test_bundles_hold_clauses_and_proofs_that_check(directory: Path, tmp_path: Path) -> None:
    done = run("export", _certificate(directory), "--form", "ordeal-cert", "--out", tmp_path / "bundles")
    assert done.exit_code == 0, done.output
    names = sorted(path.name.split(".")[1] for path in (tmp_path / "bundles").iterdir())
    assert names == ["excluded", "initial", "step-0", "step-1"]
    for path in (tmp_path / "bundles").iterdir():
        bundle = json.loads(path.read_bytes())
        clauses = bundle["problem"]["clauses"]
        check_lrat([tuple(clause) for clause in clauses], bundle["proof"]["body"].splitlines())
        with pytest.raises(Refused):
            check_lrat([tuple(clause) for clause in clauses[:-1]], bundle["proof"]["body"].splitlines())
        text = "".join("".join(f"{one} " for one in clause) + "0\n" for clause in clauses)
        assert bundle["recheck"]["problem_sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert bundle["recheck"]["proof_sha256"] == hashlib.sha256(bundle["proof"]["body"].encode()).hexdigest()
    (excluded,) = excluded_queries(_question(_certificate(directory)))
    (path,) = (tmp_path / "bundles").glob("*.excluded.*")
    assert json.loads(path.read_bytes())["problem"]["clauses"] == [[*clause] for clause in excluded.clauses]
