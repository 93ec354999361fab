"""Damaged sources give facts or an error with a place, never another failure."""

import random
from pathlib import Path

import pytest
from rust_sources import small
from test_rust_items import CHOICE, DISCRIMINANTS, HEADERS
from test_rust_names import GLUE, NAMES, TABLES

from extract.errors import InputError, LineColumn, WholeFile
from extract.rust import limits
from extract.rust.configuration import Configuration
from extract.rust.crate import read_crate
from extract.rust.glue import ordered
from extract.rust.text import text_of
from extract.rust.tokens import tokens_of
from extract.rust.types import Local

SEEDS = [CHOICE, DISCRIMINANTS, HEADERS, GLUE, NAMES, TABLES]
PIECES = [
    "{", "}", "(", ")", "[", "]", "<", ">", "::", "$", "$x:tt", "$(", ")*", "'", '"', "r#\"", "/*", "*/", "//", "!",
    "#[cfg(", "impl", "mod", "use", "self", "macro_rules! m", "where", "for", "dyn", "é", "\0", "\\", "|", "async",
    "#!", "..", "~", "`",
]  # fmt: skip


def _damaged(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(text)), chance.choice([0, 1, 1, 3, 20])
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[at + size + 1 :]
            case 1:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 2:
                other = chance.randrange(len(text))
                text = text[:at] + text[other : other + 4 * size] + text[at:]
            case _:
                text = text[:at] + chance.choice(PIECES) + text[at + size :]
    return text


@pytest.mark.parametrize("seed", range(6))
def test_damaged_sources(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    accepted = 0
    refused: list[InputError] = []
    for _ in range(100):
        text = _damaged(SEEDS[seed], chance)
        try:
            sources = small(tmp_path, text)
        except InputError as error:
            refused.append(error)
            continue
        accepted += 1
        for struct in sources.facts.structs:
            ordered(sources.glue.drop_glue(Local(struct.path)))
    assert accepted
    assert all(error.file and isinstance(error.position, LineColumn | WholeFile) for error in refused)


def test_tokens_of_damaged_text() -> None:
    chance = random.Random(1)
    for _ in range(300):
        text = _damaged(chance.choice(SEEDS), chance).replace("\0", "")
        source = text_of(text.encode(), "x.rs")
        try:
            tokens = tokens_of(source)
        except InputError:
            continue
        at = 0
        for token in tokens:
            at = text.index(token.text, at) + len(token.text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "src/lib.rs:1:1: found a byte that is not UTF-8"),
        (b"// \xc3\xa9\n \xff", "src/lib.rs:2:2: found a byte that is not UTF-8"),
        (b" " * (limits.MAX_FILE_BYTES + 1), "src/lib.rs:file: found"),
        (None, "src/lib.rs:file: found No such file"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes | None, message: str) -> None:
    (tmp_path / "src").mkdir()
    if content is not None:
        (tmp_path / "src" / "lib.rs").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_crate(tmp_path, Configuration.of())
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "type A = B; type B = A; struct S(A);",
        "type A = (A, A); struct S(A);",
        "use a as b; use b as a; struct S(a, b);",
        "use self::*; use crate::*; struct S(Missing);",
        "struct S<T>(Option<Box<S<(T, T)>>>);",
        "struct S(T<T<T<u8>>>); struct T<X>(X, X, X);",
        "trait A: B { type X; } trait B: A { type X; } struct S<T: A>(T::X);",
        "enum S { A(Box<S>), B(Vec<S>), C([S; 2]) }",
    ],
)
def test_circles_end(tmp_path: Path, text: str) -> None:
    sources = small(tmp_path, text)
    ordered(sources.glue.drop_glue(Local("crate::S")))
