"""What is supposed of elements is said in the instance and in the certificate, and makes a model of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from proved_pool import accepted, run, write_certificate
from test_rust_buffers import HEAD, LOWERED, compiled

WRAPS = LOWERED.replace("PRODUCT", "size * values.len()")
SUPPOSED = "elements-fit"


@pytest.fixture(scope="module")
def crate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("fit")
    compiled(folder, HEAD.replace("MORE", "").replace("VISIBLE", "") + WRAPS)
    return ("--mir", str(folder / "made.mir"), "--src", str(folder))


@pytest.fixture(scope="module")
def certificates(crate: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By the instances that they are about; of an obligation that is soon proved, as all are named alike. Who changes
    one writes another file beside it, where its subject is found.
    """
    folder = tmp_path_factory.mktemp("proved")
    run("prove", *crate, "--buffers", "--obligation", "zero-size", "--out", folder, "--jobs", "1")
    found = sorted((folder / "certificates").glob("*.json"))
    return {json.loads(one.read_bytes())["instance"]: one for one in found}


def test_the_hypothesis_is_named_and_is_none_of_the_other_instance(
    certificates: dict[str, Path], crate: tuple[str, ...]
) -> None:
    path = certificates["buffer Lowered, 32 bits, elements=fitting"]
    document = json.loads(path.read_bytes())
    assert document["evidence"]["elements"] == "fitting"
    (said,) = (one for one in document["assumptions"] if one["id"] == SUPPOSED)
    assert said["about"] == ["Lowered"]
    accepted(run("check", "--deep", path, *crate))

    path = path.with_name("changed.json")
    document["instance"] = "buffer Lowered, 32 bits"
    write_certificate(path, document)
    done = run("check", path)
    assert (done.exit_code, "instance" in done.output) == (1, True), done.output

    document["evidence"]["elements"] = "any"
    write_certificate(path, document)
    done = run("check", path)
    assert (done.exit_code, SUPPOSED in done.output) == (1, True), done.output

    document["assumptions"].remove(said)  # consistent, and not the model of any elements
    write_certificate(path, document)
    accepted(run("check", path))
    assert run("check", "--deep", path, *crate).exit_code == 1


def test_what_is_asked_where_elements_are_counted_is_asked_there_alone(certificates: dict[str, Path]) -> None:
    """Else a model that is let off what is shown without counting could stand for it."""
    path = certificates["buffer Lowered, 32 bits, elements=fitting"]
    document = json.loads(path.read_bytes())
    document["instance"] = "buffer Lowered, 32 bits, elements=counted"
    document["evidence"]["elements"] = "counted"
    path = path.with_name("counted.json")
    write_certificate(path, document)
    done = run("check", path)
    assert (done.exit_code, "evidence.elements" in done.output) == (1, True), done.output


def test_what_is_lent_is_not_asked_of_what_lends_nothing(crate: tuple[str, ...], tmp_path: Path) -> None:
    done = run("prove", *crate, "--buffers", "--obligation", "extent", "--out", tmp_path, "--jobs", "1")
    assert (done.exit_code, "asked of types that lend elements" in done.output) == (3, True), done.output
