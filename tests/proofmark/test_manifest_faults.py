"""Each fault of a manifest: its line and column, what was found, what was expected."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from artifacts.run import Expected
from extract.errors import InputError
from proofmark.job import Job
from proofmark.manifest import read_manifest, schema
from proofs.kinds import POOL_KINDS
from proofs.verdicts import Kind

POOL = '[[subject.pools]]\nname = "p"\n'
HEAD = '[[subject]]\npath = "a.wasm"\nobligations = ["module-no-grow"]\n'

FAULTS = [
    ("", "1:1", "no [[subject]], [[runtime]], [[static_pools]] or [[buffers]]", "at least one of them"),
    ("subject = []\n", "1:1", "an empty subject", "at least one"),
    ("subject = 1\n", "1:1", "subject = 1", "a list in [ ]"),
    ("[subject]\n", "1:1", "subject = {}", "a list in [ ]"),
    ("x = \n", "1:5", "invalid value", "TOML 1.0"),
    ("x = [", "1:6", "invalid value", "TOML 1.0"),
    ("\n\n[[subject]]\n", "3:1", "no 'path' in subject[0]", "[[subject]] with path"),
    ('[[subject]]\npath = "a"\n', "1:1", "no 'obligations' in subject[0]", "[[subject]] with obligations or pools"),
    (HEAD + HEAD.replace("path", "paht"), "5:1", "unknown key 'paht'", "did you mean 'path'?"),
    (
        HEAD + "colour = 1\n",
        "4:1",
        "unknown key 'colour'",
        "one key of allocators, assume, boundary, obligations, path",
    ),
    (HEAD + "[runs]\njobs = 1\n", "4:1", "unknown key 'runs'", "did you mean 'run'?"),
    (HEAD + POOL + POOL + "  hots = 1\n", "8:3", "unknown key 'hots'", "one key of access"),
    (HEAD + POOL + HEAD + POOL + " element = true\n", "11:2", "subject[1].pools[0].element = true", "a whole number"),
    (HEAD + "[run]\n  job = 1\n", "5:3", "unknown key 'job'", "did you mean 'jobs'?"),
    (HEAD.replace('["module-no-grow"]', "[]"), "3:1", "an empty subject[0].obligations", "at least one"),
    (HEAD.replace('["module-no-grow"]', '"x"'), "3:1", 'subject[0].obligations = "x"', "a list in [ ]"),
    (HEAD.replace("module-no-grow", "modul-no-grow"), "3:1", '"modul-no-grow" in', "did you mean 'module-no-grow'?"),
    (HEAD.replace('"module-no-grow"', "1"), "3:1", "1 in subject[0].obligations[0]", "one value of realloc-no-grow"),
    (HEAD.replace('w"]', 'w", "module-no-grow"]'), "3:1", "the same value twice", "each value once"),
    (HEAD.replace("module-no-grow", "no-alloc-path"), "3:1", "no-alloc-path without roots", 'roots = ["NAME", ...]'),
    (HEAD.replace('"a.wasm"', "3"), "2:1", "subject[0].path = 3", "text in quotes"),
    (HEAD.replace("a.wasm", ""), "2:1", "an empty subject[0].path", "text"),
    (HEAD.replace("a.wasm", "none-*.wasm"), "2:1", "no file matches 'none-*.wasm'", "a glob that matches a file"),
    (HEAD.replace("a.wasm", "a\\u0000"), "2:1", "a NUL character", "the name of a file"),
    (HEAD + 'assume = ["all"]\n', "4:1", '"all" in subject[0].assume[0]', "one value of host-tables"),
    (HEAD + "roots = [1]\n", "4:1", "subject[0].roots[0] = 1", "text in quotes"),
    (HEAD + "roots = 2026-01-01\n", "4:1", 'subject[0].roots = "2026-01-01"', "a list in [ ]"),
    (HEAD + "[run]\njobs = 0\n", "5:1", "run.jobs = 0", "at least 1"),
    (HEAD + "[run]\njobs = true\n", "5:1", "run.jobs = true", "a whole number"),
    (HEAD + "[run]\njobs = 1.5\n", "5:1", "run.jobs = 1.5", "a whole number"),
    (HEAD + "[run]\nreplay_seconds = nan\n", "5:1", "nan", "a number of seconds"),
    (HEAD + "[run]\nreplay_seconds = -1\n", "5:1", "run.replay_seconds = -1", "at least 0"),
    (HEAD + "[run]\nreplay_seconds = 1e9\n", "5:1", "run.replay_seconds = 1000000000.0", "at most 86400"),
    (HEAD + "[run]\nout = 1\n", "5:1", "run.out = 1", "text in quotes"),
    (HEAD + HEAD, "5:1", "module-no-grow of", "each obligation of a file once"),
    ('[[static_pools]]\nmir = "a.mir"\n', "1:1", "mir", "one of package, crate, or mir with src"),
    ('[[static_pools]]\ncrate = "."\nobligations = ["no-rewind"]\n', "3:1", '"no-rewind" in', "index-in-bounds"),
    ("x = " + "[" * 5000, None, "", ""),
]


@pytest.mark.parametrize(("text", "place", "found", "expected"), FAULTS)
def test_fault(tmp_path: Path, text: str, place: str | None, found: str, expected: str) -> None:
    path = tmp_path / "proofmark.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_manifest(path)
    assert caught.value.file == str(path)
    if place:
        assert str(caught.value.position) == place
    assert found in caught.value.found
    assert expected in caught.value.expected
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "proofmark.toml"
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(InputError, match="byte 5 that is not UTF-8"):
        read_manifest(path)


@pytest.mark.parametrize("name", [".", "absent.toml"])
def test_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"proofmark init"):
        read_manifest(tmp_path / name)


def test_the_first_fault_in_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "proofmark.toml"
    path.write_text(HEAD + "zebra = 1\n" + HEAD + "[run]\nant = 1\n")
    with pytest.raises(InputError, match="zebra"):
        read_manifest(path)


def test_everything_that_can_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.wasm", "a.wasm", "deep/er/c.wasm", "o[1].wasm"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "proofmark.toml").write_text(
        """
        [run]
        jobs = 3
        replay_seconds = 2
        out = "out"
        [[subject]]
        path = "**/*.wasm"
        obligations = ["module-no-grow"]
        [[subject]]
        path = "o[1].wasm"
        obligations = ["no-alloc-path", "realloc-vestigial"]
        roots = ["g", "f"]
        allocators = ["malloc"]
        boundary = ["h"]
        assume = ["host-tables"]
        [[subject]]
        path = "gone.wasm"
        obligations = ["realloc-no-grow"]
        """
    )
    monkeypatch.chdir(tmp_path)
    manifest = read_manifest(Path("proofmark.toml"))
    kind = (Kind.MODULE_NO_GROW,)
    assert manifest.jobs == (
        *(Job(p, kind, replay_seconds=2.0) for p in ("a.wasm", "b.wasm", "deep/er/c.wasm", "o[1].wasm")),
        Job(
            "o[1].wasm",
            (Kind.NO_ALLOC_PATH, Kind.REALLOC_VESTIGIAL),
            ("g", "f"),
            ("malloc",),
            ("h",),
            ("host-tables",),
            2.0,
        ),
        Job("gone.wasm", (Kind.REALLOC_NO_GROW,), replay_seconds=2.0),
    )
    assert Expected("o[1].wasm", "no-alloc-path", "roots f, g") in manifest.expected
    assert len(manifest.expected) == 7
    assert (manifest.workers, manifest.out) == (3, Path("out"))
    assert read_manifest(Path("proofmark.toml"), 0.5).jobs[0].replay_seconds == 0.5


def test_paths_are_relative_to_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "[odd]").mkdir()
    (tmp_path / "[odd]" / "a.wasm").touch()
    (tmp_path / "[odd]" / "m.toml").write_text(HEAD.replace("a.wasm", "*.wasm"))
    (job,) = read_manifest(tmp_path / "[odd]" / "m.toml").jobs
    assert job.path == str(tmp_path / "[odd]" / "a.wasm")


def test_the_schema_is_a_schema_and_knows_the_catalogue() -> None:
    Draft202012Validator.check_schema(schema())
    obligations = schema()["properties"]["subject"]["items"]["properties"]["obligations"]["items"]["enum"]
    assert sorted(obligations) == sorted(kind.value for kind in (*Kind, *POOL_KINDS))
