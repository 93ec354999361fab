"""What two readers could take for two things is refused, wherever JSON of others is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from artifacts.attestation import NoAttestation, _parsed
from artifacts.explore.json_reading import read_json as read_for_explore
from artifacts.strict_json import parsed
from extract.errors import InputError
from proofmark.report_files import read_json as read_of_run

WRONG = (
    b'{"a": 1, "a": 1}',
    b'[{"b": {"a": 1, "c": 2, "a": 3}}]',
    b'{"a": 1, "\\u0061": 2}',
    b'{"a": NaN}',
    b"[-Infinity]",
)


def test_what_is_whole_is_read_as_ever() -> None:
    for text in (b'{"a": {"a": [1, 2.5, null, "x", {}]}}', b"[]", '"é"'.encode()):
        assert parsed(text) == json.loads(text)


@pytest.mark.parametrize("raw", WRONG)
@pytest.mark.parametrize("read", [read_of_run, read_for_explore])
def test_in_files(read: Callable[[Path], object], raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"a key twice|is no number"):
        read(path)


@pytest.mark.parametrize("raw", WRONG)
def test_in_envelopes(raw: bytes) -> None:
    with pytest.raises(NoAttestation, match=r"a key twice|is no number"):
        _parsed(raw)
