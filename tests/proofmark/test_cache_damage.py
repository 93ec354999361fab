"""A cache that cannot make a run green: whatever is wrong with an entry, the answer is computed again."""

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from fake_provers import REFUTED

from proofmark import cache
from proofmark.cache import CachedProver
from proofmark.cache_place import user_cache_directory
from proofmark.codec import canonical, encode
from proofmark.job import Job
from proofmark.jobs import AnyJob
from proofmark.worker import Done, prove
from proofs.verdicts import Kind, Proved

EXAMPLES = Path(__file__).parents[2] / "examples"
KINDS = (Kind.REALLOC_NO_GROW, Kind.MODULE_NO_GROW)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    shutil.copy(EXAMPLES / "static_pool_rust.wasm", tmp_path / "subject.wasm")
    return Job(str(tmp_path / "subject.wasm"), (Kind.MODULE_NO_GROW,), replay_seconds=0.0)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def the_entry(directory: Path) -> Path:
    (entry,) = directory.rglob("*.json")
    return entry


def never(job: AnyJob) -> Done:
    raise AssertionError(f"{job.path} was to come from the cache")


def again(directory: Path, job: Job) -> bool:
    """Whether the job comes from the cache; what it yields is right either way."""
    done = CachedProver(prove, directory)(job)
    assert [type(outcome.result.verdict) for outcome in done.outcomes] == [Proved] * len(job.kinds)
    return done.cached


def forged(entry: Path, body: bytes) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    entry.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def test_a_second_run_proves_nothing_anew(directory: Path, job: Job) -> None:
    job = replace(job, kinds=KINDS)
    first = CachedProver(prove, directory)(job)
    second = CachedProver(never, directory)(job)
    assert second.cached
    for one, other in zip(first.outcomes, second.outcomes, strict=True):
        assert replace(one.result, seconds=0.0) == replace(other.result, seconds=0.0)
        assert one.certificate == other.certificate


def test_only_what_is_new_is_proved(directory: Path, job: Job) -> None:
    CachedProver(prove, directory)(job)
    asked: list[tuple[Kind, ...]] = []

    def watched(rest: AnyJob) -> Done:
        assert isinstance(rest, Job)
        asked.append(rest.kinds)
        return prove(rest)

    done = CachedProver(watched, directory)(replace(job, kinds=KINDS))
    assert asked == [(Kind.REALLOC_NO_GROW,)]
    assert [outcome.result.kind for outcome in done.outcomes] == list(KINDS)


def test_the_path_is_the_one_asked_for(directory: Path, job: Job, tmp_path: Path) -> None:
    CachedProver(prove, directory)(job)
    (tmp_path / "other").mkdir()
    moved = shutil.copy(job.path, tmp_path / "other" / "subject.wasm")
    (outcome,) = CachedProver(never, directory)(replace(job, path=str(moved))).outcomes
    assert outcome.result.subject.path == str(moved)


@pytest.mark.parametrize(
    "change", [{"roots": ("cabi_realloc",)}, {"assume": ("host-tables",)}, {"replay_seconds": 1.0}]
)
def test_other_options_are_another_question(directory: Path, job: Job, change: dict[str, object]) -> None:
    CachedProver(prove, directory)(job)
    assert not again(directory, replace(job, **change))  # type: ignore[arg-type]


def test_other_bytes_are_another_question(directory: Path, job: Job) -> None:
    CachedProver(prove, directory)(job)
    with open(job.path, "ab") as file:
        file.write(b"\x00\x02\x01x")
    assert not again(directory, job)


def test_another_tool_or_other_code_is_another_question(
    directory: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    CachedProver(prove, directory)(job)
    with monkeypatch.context() as patch:
        patch.setattr(cache, "VERSION", "0.0.9")
        assert not again(directory, job)
    monkeypatch.setattr(cache, "engine", lambda: "edited")
    assert not again(directory, job)


def test_every_byte_counts(directory: Path, job: Job) -> None:
    CachedProver(prove, directory)(job)
    entry = the_entry(directory)
    whole = entry.read_bytes()
    outcomes = cache.load(directory, job, *_identity(job))
    assert outcomes
    for place in range(len(whole)):
        entry.write_bytes(whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :])
        assert cache.load(directory, job, *_identity(job)) == ()
        assert not entry.exists()


def _identity(job: Job) -> tuple[str, int]:
    data = Path(job.path).read_bytes()
    return hashlib.sha256(data).hexdigest(), len(data)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\x80\x04\x95.",
        b"{}\n",
        b"\0" * 5000,
        hashlib.sha256(b"[" * 200_000).hexdigest().encode() + b"\n" + b"[" * 200_000,
        hashlib.sha256(b"{}\n").hexdigest().encode() + b"\n{}\n",
        hashlib.sha256(b"\xff").hexdigest().encode() + b"\n\xff",
        hashlib.sha256(b"NaN\n").hexdigest().encode() + b"\nNaN\n",
    ],
)
def test_rubbish_is_thrown_away(directory: Path, job: Job, content: bytes) -> None:
    CachedProver(prove, directory)(job)
    entry = the_entry(directory)
    entry.write_bytes(content)
    assert not again(directory, job)
    assert again(directory, job)


@pytest.mark.parametrize("size", [10, 64, 65, 66, 500, -1])
def test_a_truncated_entry_is_thrown_away(directory: Path, job: Job, size: int) -> None:
    CachedProver(prove, directory)(job)
    entry = the_entry(directory)
    entry.write_bytes(entry.read_bytes()[:size])
    assert not again(directory, job)


def forge(directory: Path, name: str) -> None:
    """Entries with a digest that fits: by somebody who knows the format."""
    entry = the_entry(directory)
    value = json.loads(entry.read_bytes().partition(b"\n")[2])
    (outcome,) = value["outcomes"]
    result = outcome["result"]
    match name:
        case "key":
            value["key"] = "0" * 64
        case "format":
            value["format"] = "proofmark-cache/0"
        case "no outcome":
            value["outcomes"] = []
        case "subject":
            result["subject"]["sha256"] = "0" * 64
        case "size":
            result["subject"]["size"] += 1
        case "kind":
            result["kind"] = "realloc-no-grow"
        case "instance":
            result["instance"] = "every realloc"
        case "no certificate":
            outcome["certificate"] = None
        case "assumption dropped":
            assert result["verdict"]["assumptions"]
            result["verdict"]["assumptions"] = []
        case "unknown":
            result["verdict"] = {"$": "Unknown", "reason": "x"}
            outcome["certificate"] = None
        case "another class":
            result["verdict"] = {"$": "Assumption", "id": "x", "about": "", "text": ""}
        case "extra key":
            result["note"] = "x"
        case "not canonical":
            forged(entry, json.dumps(value).encode())
            return
    forged(entry, canonical(value))


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "format",
        "no outcome",
        "subject",
        "size",
        "kind",
        "instance",
        "no certificate",
        "assumption dropped",
        "unknown",
        "another class",
        "extra key",
        "not canonical",
    ],
)
def test_a_forged_entry_is_thrown_away(directory: Path, job: Job, name: str) -> None:
    CachedProver(prove, directory)(job)
    forge(directory, name)
    assert not again(directory, job)
    assert again(directory, job)


def test_a_refuted_module_cannot_be_made_green(directory: Path, job: Job) -> None:
    """The proof of another module, put in place with every hash mended, meets the independent checker."""
    CachedProver(prove, directory)(job)
    good = json.loads(the_entry(directory).read_bytes().partition(b"\n")[2])
    shutil.copy(EXAMPLES / "growing_c.wasm", job.path)
    CachedProver(prove, directory)(job)
    sha256, size = _identity(job)
    key = cache.key_of(job, sha256)
    good["key"] = key
    good["outcomes"][0]["result"]["subject"].update(sha256=sha256, size=size)
    forged(directory / "results" / key[:2] / f"{key[2:]}.json", canonical(good))
    done = CachedProver(prove, directory)(job)
    assert not done.cached
    assert type(done.outcomes[0].result.verdict) is type(REFUTED)


def test_unknown_and_vacuous_are_not_kept(directory: Path, job: Job) -> None:
    shutil.copy(EXAMPLES / "table_open.wasm", job.path)
    CachedProver(prove, directory)(replace(job, kinds=(Kind.REALLOC_NO_GROW,)))
    assert not list(directory.rglob("*.json"))


def test_a_file_that_changes_under_our_hands_is_not_kept(directory: Path, job: Job) -> None:
    def changing(asked: AnyJob) -> Done:
        done = prove(asked)
        (outcome,) = done.outcomes
        subject = replace(outcome.result.subject, sha256="1" * 64)
        return Done((replace(outcome, result=replace(outcome.result, subject=subject)),))

    CachedProver(changing, directory)(job)
    assert not list(directory.rglob("*.json"))


def test_a_cache_that_cannot_be_written_is_a_warning(job: Job, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file stands here")
    done = CachedProver(prove, tmp_path / "cache")(job)
    assert done.outcomes
    assert [warning for warning in done.warnings if "cannot be written" in warning]


def test_no_part_of_a_file_is_left(directory: Path, job: Job) -> None:
    CachedProver(prove, directory)(job)
    assert [path.name for path in directory.rglob("*") if path.is_file()] == [the_entry(directory).name]


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/proofmark"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/proofmark"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "x"}, "/h/.cache/proofmark"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/proofmark"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/proofmark/Cache"),
        ("win32", {"USERPROFILE": "/u"}, "/u/AppData/Local/proofmark/Cache"),
    ],
)
def test_where_it_lies(platform: str, environ: dict[str, str], expected: str) -> None:
    assert user_cache_directory(platform, environ).as_posix() == expected


def test_a_path_that_is_not_utf8(directory: Path, job: Job, tmp_path: Path) -> None:
    odd = os.path.join(os.fsencode(tmp_path), b"a\xff.wasm")
    try:
        shutil.copy(os.fsencode(job.path), odd)
    except OSError:
        pytest.skip("the file system holds UTF-8 names only")
    job = replace(job, path=os.fsdecode(odd))
    CachedProver(prove, directory)(job)
    assert encode(job)["path"].endswith("\udcff.wasm")
