"""`check --deep`: a model that is not the subject's is refused, however well all hashes fit."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from proved_pool import accepted, prove_pool, rebind, run, text_beside, write_certificate

from proofmark.deep_check import first_difference

EXAMPLES = Path(__file__).parents[2] / "examples"
RUNTIME = EXAMPLES / "runtime"
PROFILE = Path(__file__).parents[2] / "smt_models" / "runtime" / "profiles" / "operations" / "examples-runtime.toml"
CRATE = ("--mir", str(RUNTIME / "mir" / "abort.mir"), "--src", str(RUNTIME), "--profile", str(PROFILE))


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a pool, and the module beside them."""
    return prove_pool(tmp_path_factory.mktemp("pool"))


@pytest.fixture
def certificate(proved: Path, tmp_path: Path) -> Path:
    """About conforming hosts."""
    copied = Path(shutil.copytree(proved, tmp_path / "certificates"))
    return next(path for path in copied.glob("*.cert.json") if "host=conforming" in path.read_text())


def _with_model(path: Path, pattern: str, new: str) -> None:
    """The model changed, and its hash and its size with it."""
    changed, count = re.subn(pattern, new, text_beside(path, "model"), count=1, flags=re.MULTILINE)
    assert count == 1
    rebind(path, "model", changed)


def test_the_same_model_is_accepted(certificate: Path) -> None:
    done = run("check", "--deep", "--json", "--quiet", certificate)
    accepted(done)
    (said,) = json.loads(done.stdout)["results"]
    assert (said["answer"], said["deep"]) == (
        "accepted",
        "its model was made again from the subject, with the same bytes",
    )


NEVER = r"^\(define-fun \|guard 0\| \(\) Bool .*$", "(define-fun |guard 0| () Bool false)"


@pytest.mark.parametrize(
    ("pattern", "new", "where"),
    [
        (*NEVER, r"line \d+ \(host: take"),
        (r"\A; ", "; not ", r"line 1 \(before all steps\)"),
        (r"\Z", "; more\n", r"line \d+ \(host: .*nothing here"),
    ],
)
def test_a_model_that_plain_checks_believe_is_refused(pattern: str, new: str, where: str, certificate: Path) -> None:
    """A call that is never made breaks nothing: the certificate is consistent, and not about this module."""
    _with_model(certificate, pattern, new)
    accepted(run("check", certificate))
    done = run("check", "--deep", certificate)
    assert done.exit_code == 1
    assert re.search(f"deep: the subject gives another model: {where}", done.output), done.output


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("roles", lambda roles: [{**one, "parameters": ["pointer"]} for one in roles]),
        ("fixed", lambda fixed: [*fixed, [60000, 4, 1]]),
    ],
)
def test_what_else_is_said_of_the_pool_is_the_module_s(key: str, change: Any, certificate: Path) -> None:
    document = json.loads(certificate.read_bytes())
    document["evidence"][key] = change(document["evidence"][key])
    write_certificate(certificate, document)
    accepted(run("check", certificate))
    done = run("check", "--deep", certificate)
    assert done.exit_code == 1
    assert "deep: the " in done.output


def test_an_export_said_to_be_left_out_makes_another_model(certificate: Path) -> None:
    """With its assumption listed, plain checks take it; the other model is that of the calls that remain."""
    document = json.loads(certificate.read_bytes())
    document["evidence"]["roles"] = [one for one in document["evidence"]["roles"] if one["export"] != "release"]
    document["evidence"]["left_out"] = ["release"]
    text = "{about} is not called, or changes nothing of the pool's metadata"
    document["assumptions"].append({"id": "left-out", "about": ["release"], "text": text})
    document["assumptions"].sort(key=lambda one: (one["id"], one["about"]))
    write_certificate(certificate, document)
    accepted(run("check", certificate))
    done = run("check", "--deep", certificate)
    assert done.exit_code == 1
    assert "deep: the subject gives another model" in done.output


def test_closed_sets_have_no_model(tmp_path: Path) -> None:
    accepted(run("prove", EXAMPLES / "no_alloc.wasm", "--obligation", "module-no-grow", "--out", tmp_path))
    done = run("check", "--deep", tmp_path / "certificates", "--subject", EXAMPLES / "no_alloc.wasm")
    accepted(done)
    assert "no model stands between it and the subject's bytes" in done.output


def test_without_the_subject_nothing_is_checked(certificate: Path) -> None:
    (certificate.parent / "slot_bitmap.wasm").unlink()
    assert run("check", "--deep", certificate).exit_code == 3


# Runtimes


@pytest.fixture(scope="module")
def of_a_runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runtime")
    asked = ("--panic", "abort", "--peer", "host", "--operation", "future-read")
    kinds = ("--obligation", "memory", "--obligation", "cancel-before-free")
    accepted(run("prove", *CRATE, *asked, *kinds, "--out", out, "--jobs", "1"))
    return out / "certificates"


@pytest.fixture
def about_a_runtime(of_a_runtime: Path, tmp_path: Path) -> Path:
    copied = Path(shutil.copytree(of_a_runtime, tmp_path / "certificates"))
    return sorted(copied.glob("*.memory.*.cert.json"))[0]


def test_a_runtime_is_explored_again(about_a_runtime: Path) -> None:
    done = run("check", "--deep", about_a_runtime.parent, *CRATE)
    accepted(done)
    assert done.output.count("its model was made again") == 2
    done = run("check", "--deep", about_a_runtime)
    assert done.exit_code == 3
    assert "deep: the model of a runtime is made from its crate" in done.output


def test_a_runtime_s_model_that_plain_checks_believe_is_refused(about_a_runtime: Path) -> None:
    _with_model(about_a_runtime, *NEVER)
    accepted(run("check", about_a_runtime))
    done = run("check", "--deep", about_a_runtime, *CRATE)
    assert done.exit_code == 1
    assert re.search(r"deep: the subject gives another model: line \d+ \(host: .*false\)' in the cert", done.output), (
        done.output
    )


def test_a_model_that_was_not_decided_in_time_refuses_nothing(
    about_a_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that is too busy to see how numbers are related, the model is another one: nothing is said then."""
    from proofs.runtime import again, models

    made = models.model_of
    monkeypatch.setattr(again, "model_of", lambda *asked: replace(made(*asked), certain=False))
    accepted(run("check", "--deep", about_a_runtime, *CRATE))
    _with_model(about_a_runtime, *NEVER)
    done = run("check", "--deep", about_a_runtime, *CRATE)
    assert done.exit_code == 3
    assert "was not decided in time: give more --seconds" in done.output


def test_a_trusted_function_that_is_left_out_is_missed(about_a_runtime: Path) -> None:
    """With its assumption: then plain checks take it."""
    document = json.loads(about_a_runtime.read_bytes())
    gone = document["evidence"]["trusted"].pop()["name"]
    (about,) = (one["about"] for one in document["assumptions"] if gone in one["about"])
    about.remove(gone)
    document["assumptions"] = [one for one in document["assumptions"] if one["about"] is not about or about]
    write_certificate(about_a_runtime, document)
    accepted(run("check", about_a_runtime))
    done = run("check", "--deep", about_a_runtime, *CRATE)
    assert done.exit_code == 1
    assert "deep: the subject gives other trusted" in done.output


def test_another_crate_is_refused(about_a_runtime: Path, tmp_path: Path) -> None:
    other = tmp_path / "abort.mir"
    other.write_bytes((RUNTIME / "mir" / "abort.mir").read_bytes() + b"\n")
    shutil.copytree(RUNTIME / "mir" / "abort.drops", tmp_path / "abort.drops")
    done = run("check", "--deep", about_a_runtime, "--mir", other, *CRATE[2:])
    assert done.exit_code == 1
    assert "deep: the crate given has another MIR" in done.output
    changed = tmp_path / "crate"
    shutil.copytree(RUNTIME, changed, ignore=shutil.ignore_patterns("target", "mir"))
    (changed / "src" / "task.rs").write_text((changed / "src" / "task.rs").read_text() + "// more\n")
    done = run("check", "--deep", about_a_runtime, *CRATE[:2], "--src", changed, *CRATE[4:])
    assert done.exit_code == 1
    assert "deep: the sources at hand are not those of the certificate" in done.output


def test_statics_are_compiled_again(tmp_path: Path) -> None:
    """From the directory of the crate; of a crate that was changed they are others."""
    if shutil.which("cargo") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have cargo")
        pytest.skip("NOT TESTED: no cargo")
    crate = tmp_path / "crate"
    shutil.copytree(EXAMPLES / "rust-pools" / "right", crate)
    manifest = tmp_path / "proofmark.toml"
    asked = 'statics = ["client_table::TABLE"]\nobligations = ["index-in-bounds"]\n'
    manifest.write_text(f'[[static_pools]]\ncrate = "{crate}"\n{asked}')
    accepted(run("prove", "--manifest", manifest, "--out", tmp_path / "out", "--quiet"))
    done = run("check", "--deep", tmp_path / "out" / "certificates", "--crate", crate)
    accepted(done)
    assert "its model was made again" in done.output
    source = crate / "src" / "client_table.rs"
    source.write_text(f"{source.read_text()}\npub fn more() {{}}\n")
    done = run("check", "--deep", tmp_path / "out" / "certificates", "--crate", crate)
    assert (done.exit_code, "deep: the crate given has another MIR" in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--package", "wit-bindgen@0.63.0"), "for --deep alone"),
        (("--deep", "--mir", "a.mir"), "each --mir needs its --src"),
    ],
)
def test_what_is_asked_wrongly(arguments: tuple[str, ...], said: str, certificate: Path) -> None:
    done = run("check", *arguments, certificate)
    assert done.exit_code == 2
    assert said in done.output


def test_the_first_difference_is_shown_where_it_is() -> None:
    long = "x" * 500
    said = first_difference(f"; head\n; host: take [a]\n{long}1\n", f"; head\n; host: take [a]\n{long}2\n")
    assert said == f"line 3 (host: take [a]): '{'x' * 40}1' in the certificate, '{'x' * 40}2' here"
    assert first_difference("a\n", "a") == "the last lines end otherwise"
