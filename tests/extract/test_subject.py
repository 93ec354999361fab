"""Opening a file: binary or text, small or mapped, and every way in which it is not there."""

from __future__ import annotations

import hashlib
import mmap
import os
from pathlib import Path

import pytest

from extract import digest
from extract.errors import ByteOffset, InputError, LineColumn, Position, WholeFile
from extract.subject import read_subject
from extract.wasm import limits
from extract.wasm.read import read_world

EMPTY_MODULE = b"\0asm\x01\0\0\0"


def fault(path: Path) -> tuple[Position, str, str]:
    with pytest.raises(InputError) as error:
        read_world(read_subject(str(path)))
    assert error.value.file == str(path)
    assert str(error.value).startswith(f"{path}:{error.value.position}: found ")
    return error.value.position, error.value.found, error.value.expected


def test_binary(tmp_path: Path) -> None:
    path = tmp_path / "module.wasm"
    path.write_bytes(EMPTY_MODULE)
    file = read_subject(str(path))
    assert (file.path, file.name, file.size, file.is_text) == (str(path), "module.wasm", 8, False)
    assert (file.data, file.sha256) == (EMPTY_MODULE, hashlib.sha256(EMPTY_MODULE).hexdigest())


def test_text(tmp_path: Path) -> None:
    """Size and hash are those of the text; white space and comments may stand before it."""
    path = tmp_path / "module.wat"
    for text in (b"(module)", b"\n  (module)", b";; a comment\n(module)", b"(; a comment ;) (module)"):
        path.write_bytes(text)
        file = read_subject(str(path))
        assert (bytes(file.data), file.size, file.is_text) == (EMPTY_MODULE, len(text), True)
        assert file.sha256 == hashlib.sha256(text).hexdigest()


def test_a_large_file_is_mapped(tmp_path: Path) -> None:
    path = tmp_path / "module.wasm"
    custom = b"\0\xff\xff\x7f" + b"\x01x" + bytes((1 << 21) - 1 - 2)
    path.write_bytes(EMPTY_MODULE + custom)
    file = read_subject(str(path))
    assert isinstance(file.data, mmap.mmap)
    assert file.sha256 == hashlib.sha256(EMPTY_MODULE + custom).hexdigest()
    assert file.data[:8] == EMPTY_MODULE
    assert read_world(file).instances[0].module.end == file.size


def test_released_pages_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "module.wasm"
    content = EMPTY_MODULE + os.urandom(1 << 20)
    path.write_bytes(content)
    data = read_subject(str(path)).data
    for start, end in ((0, len(content)), (5, 7), (4096, 4096), (100, 9000)):
        digest.release(data, start, end)
        assert data[:] == content
    digest.release(content, 0, len(content))


def test_what_is_no_file(tmp_path: Path) -> None:
    assert fault(tmp_path / "nothing.wasm") == (
        WholeFile(),
        "No such file or directory",
        "a readable WebAssembly file",
    )
    assert fault(tmp_path)[0] == WholeFile()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert fault(pipe)[0] == WholeFile()
    assert fault(Path("a\0b"))[0] == WholeFile()


def test_size_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "module.wasm"
    path.write_bytes(EMPTY_MODULE)
    monkeypatch.setattr(limits, "MAX_MODULE_BYTES", 7)
    assert fault(path) == (WholeFile(), "8 bytes", "at most 7")


@pytest.mark.parametrize(
    ("content", "position", "found"),
    [
        (b"", ByteOffset(0), "bytes (none)"),
        (b"\x7fELF", ByteOffset(0), "bytes 7f 45 4c 46"),
        (b"\0as", ByteOffset(0), "bytes 00 61 73"),
        (b"\0asm", ByteOffset(0), "bytes 00 61 73 6d"),
        (b"\0asm\x02\0\0\0", ByteOffset(0), "bytes 00 61 73 6d 02 00 00 00"),
        (b"\0asm\x0d\0\x02\0", ByteOffset(0), "bytes 00 61 73 6d 0d 00 02 00"),
        (b"(module \xff)", ByteOffset(8), "a byte that is not UTF-8"),
    ],
)
def test_what_is_no_module(tmp_path: Path, content: bytes, position: Position, found: str) -> None:
    path = tmp_path / "module.wasm"
    path.write_bytes(content)
    assert fault(path)[:2] == (position, found)


def test_text_that_does_not_assemble(tmp_path: Path) -> None:
    """The place is the converter's: line and column from 1."""
    path = tmp_path / "module.wat"
    path.write_text("(module\n  (func (call $nobody)))\n")
    position, _, expected = fault(path)
    assert (position, expected) == (LineColumn(2, 15), "WebAssembly text")


def test_text_on_which_the_converter_aborts(tmp_path: Path) -> None:
    """It panics, and takes its process with it: one of its own."""
    path = tmp_path / "module.wat"
    path.write_text(
        '(component (core type $s (func)) (core type (module (alias outer 1 $s (type $again)) (import "a" "b"'
        " (global (ref $again))))))"
    )
    position, found, _ = fault(path)
    assert (position, found) == (WholeFile(), "text on which the assembler aborts")


def test_a_name_that_no_certificate_may_have(tmp_path: Path) -> None:
    """The checker looks for a subject by name beside its certificate: a backslash is a separator elsewhere."""
    path = tmp_path / "a\\b.wasm"
    path.write_bytes(b"\0asm\1\0\0\0")
    assert fault(path) == (WholeFile(), "a backslash in the name of the file", "a name without")
