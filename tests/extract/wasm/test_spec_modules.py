"""The decoder over the modules and components of the specifications' own test suites."""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
import spec_modules
from real_modules import fetch_archive
from spec_modules import SpecModule, suites
from wasm_assembly import core, world

from extract.errors import InputError
from extract.wasm import code
from extract.wasm.call_graph import call_graph

# Proposals that proofmark does not read: their new import kinds, types and options are errors, the safe answer.
UNREAD = {
    "data/proposals/compact-import-section/": re.compile(r"found kind 0x7[ef]; expected 0 \(function\) to 4 \(tag\)"),
    "data/proposals/custom-descriptors/": re.compile(r"found (byte 0x4[cd]|heap type -30|kind 0x20|opcode 0xfb 0x2\d)"),
    "tests/misc_testsuite/component-model/gc/": re.compile(r"found canonical option 0x0[89]"),
}

_OLDER = "malformed in the version of WebAssembly that this suite is of; 3.0 gives the same bytes a meaning"
_DATA_COUNT = "wants a data count section, which says nothing about calls; asked of a validator"
_LEGACY = "the earlier form of exception handling, which proofmark reads, and this suite does not"
_SCOPE = "an index that is refused by validation; its text form is what the suite calls malformed"

# Of the modules that the suites call malformed, those that proofmark reads, and why.
READ_ALL_THE_SAME = {
    "data/proposals/custom-descriptors/binary.wast:303": _DATA_COUNT,
    "data/proposals/custom-descriptors/binary.wast:326": _DATA_COUNT,
    "data/proposals/exceptions/try_table.wast:367": _LEGACY,
    "data/proposals/exceptions/try_table.wast:372": _LEGACY,
    **{
        f"data/proposals/function-references/binary.wast:{line}": _OLDER  # a memory index where a zero byte stood
        for line in (146, 166, 185, 204, 224, 243, 262, 280, 298)
    },
    **{
        f"data/proposals/reference-types/binary-leb128.wast:{line}": _OLDER  # offsets of 64 bits, memory flags
        for line in (405, 462, 731, 750, 844, 863)
    },
    "data/wasm-v2/align.wast:949": _OLDER,  # the flag that a memory index follows
    "tests/component-model/test/wasm-tools/types.wast:145": _SCOPE,
    "tests/component-model/test/wasm-tools/types.wast:197": _SCOPE,
}


@cache
def _scripts() -> dict[str, list[str]]:
    """The lines of every script of the suites."""
    return dict(_read_scripts())


def _read_scripts() -> Iterator[tuple[str, list[str]]]:
    for archive in (spec_modules.CORE, spec_modules.COMPONENT):
        with tarfile.open(fetch_archive(archive)) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.name.endswith(".wast") else None
                if file is not None:
                    yield member.name.partition("/")[2], file.read().decode(errors="replace").splitlines()


def assertion(one: SpecModule) -> str:
    """How the script says that the module is refused: the last assertion at its line or before it."""
    path, _, line = one.name.rpartition(":")
    for text in reversed(_scripts()[path][: int(line)]):
        if found := re.findall(r"\((assert_\w+)", text):
            return str(found[-1])
    raise AssertionError(f"{one.name}: no assertion")


def refusal(one: SpecModule) -> str | None:
    """The error, if the module is not read; anything but InputError is a fault."""
    try:
        call_graph(world(one.content))
    except InputError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{one.name}: {error!r}") from error
    return None


def test_valid_modules_are_read() -> None:
    """All of them, but for those of proposals that are not read, which are refused for that reason."""
    refused: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for one in suites().modules:
        if one.valid:
            said = refusal(one)
            if said is None:
                read[one.kind] += 1
            else:
                (folder,) = [folder for folder in UNREAD if one.name.startswith(folder)] or [one.name]
                assert folder in UNREAD, f"{one.name}: {said}"
                assert UNREAD[folder].search(said), f"{one.name}: {said}"
                refused[folder] += 1
    assert refused == {
        "data/proposals/compact-import-section/": 28,
        "data/proposals/custom-descriptors/": 64,
        "tests/misc_testsuite/component-model/gc/": 3,
    }
    assert read["core"] >= 1764
    assert read["component"] >= 472


def test_malformed_modules_are_refused() -> None:
    malformed = [one for one in suites().modules if not one.valid and assertion(one) == "assert_malformed"]
    accepted = {one.name for one in malformed if refusal(one) is None}
    assert accepted == set(READ_ALL_THE_SAME)
    assert len(malformed) >= 791


def test_invalid_modules_are_read_or_refused() -> None:
    """Validation is another's task; reading them must give facts or an error all the same."""
    invalid = [one for one in suites().modules if not one.valid and assertion(one) != "assert_malformed"]
    refused = sum(refusal(one) is not None for one in invalid)
    assert 0 < refused < len(invalid)
    assert len(invalid) >= 3011


def test_the_scanner_reads_them_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample, valid or not: compiling a scanner for each takes time."""
    sample = [one for one in suites().modules if one.kind == "core" and b"\x0a" in one.content][::37]
    for one in sample:
        found = []
        for scanned_from in (1 << 30, 0):
            monkeypatch.setattr(code, "SCANNED_FROM", scanned_from)
            try:
                found.append(str(core(one.content).code))
            except InputError as error:
                found.append(str(error))
        assert found[0] == found[1], one.name
    assert len(sample) > 100
