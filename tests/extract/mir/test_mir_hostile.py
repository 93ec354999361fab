"""Broken and hostile MIR text: a tree or an InputError, in linear time, never another exception."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from mir_tools import FILE, in_function
from test_mir_forms import CONSTANTS, PLACES, RVALUES, STATEMENTS, TERMINATORS

from extract.errors import InputError, LineColumn, WholeFile
from extract.mir import limits
from extract.mir.parser import parse_mir, read_mir

SAMPLE = in_function(
    *(text for text, _ in STATEMENTS),
    *(f"_0 = {text}" for text, _ in RVALUES),
    *(f"_0 = const {text}" for text, _ in CONSTANTS),
    *(f"_0 = copy {text}" for text, _ in PLACES),
    "return",
) + "".join("\n" + in_function(text).replace("fn f", "fn g") for text, _ in TERMINATORS[:6])
SAMPLE += "\nalloc1 (size: 12, align: 8) {\n    ╾───────alloc4────────╼ 03 00 __ 00 │ ╾──────╼....\n}\n"
TOKENS = [
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "::",
    '"',
    "'",
    ";",
    "-> ",
    "bb99",
    "_999",
    "\n",
    "const ",
    "\\",
    "\0",
    "é",
    " // ",
]
SEEDS = range(300)


def faulty(text: str) -> InputError:
    with pytest.raises(InputError) as error:
        parse_mir(FILE, text)
    assert error.value.file == FILE
    return error.value


@pytest.mark.parametrize("seed", SEEDS)
def test_mutations(seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    text = SAMPLE
    for _ in range(rng.randint(1, 8)):
        start = rng.randrange(len(text))
        match rng.randrange(4):
            case 0:
                text = text[:start] + text[start + rng.randint(1, 30) :]
            case 1:
                text = text[:start] + rng.choice(TOKENS) + text[start:]
            case 2:
                other = rng.randrange(len(text))
                text = text[:start] + text[other : other + rng.randint(1, 60)] + text[start:]
            case _:
                text = (
                    text[:start]
                    + chr(rng.choice([rng.randrange(32, 127), rng.randrange(0x2500, 0x2580)]))
                    + text[start + 1 :]
                )
    with contextlib.suppress(InputError):
        assert parse_mir(FILE, text).items


def test_truncated_anywhere() -> None:
    """Inside of an item the end of the file is an error at a line."""
    text = in_function("_0 = const 1_u8", "return")
    for end in range(len(text.rstrip()) - 1):
        error = faulty(text[:end])
        assert isinstance(error.position, LineColumn) or not text[:end].strip()


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("", None, "no item"),
        ("// nothing\n\n", None, "no item"),
        ("garbage\n", 1, "`garbage`"),
        ("    let x;\n", 1, "`let x;`"),
        ("}\n", 1, "`}`"),
        ("fn f() -> () {\n    let mut _0: ();\n    let mut _0: ();\n}\n", 3, "_0 again"),
        ("fn f() -> () {\n    scope 1 {\n}\n", 3, "`}` in the first column"),
        ("fn f() -> () {\n    bb1: {\n        return;\n    }\n}\n", 2, "bb1"),
        ("fn f() -> () {\n    bb0: {\n    }\n}\n", 3, "the end of the block"),
        ("fn f() -> () {\n    bb0: {\n        goto -> bb7;\n    }\n}\n", 3, "bb7"),
        ("fn f() -> () {\n    bb0: {\n        StorageLive(_7);\n        return;\n    }\n}\n", 3, "_7"),
        ("fn f() -> () {\n    bb0: {\n        return;\n    bb1: {\n        return;\n    }\n}\n", 4, "`bb1: {`"),
        ("fn f() -> () {\n    bb0: {\n        return;\n}\n", 4, "`}` in the first column"),
    ],
)
def test_what_does_not_hold_together(text: str, line: int | None, found: str) -> None:
    error = faulty(text)
    assert error.found == found
    assert error.position == (WholeFile() if line is None else LineColumn(line, 1))


@pytest.mark.parametrize(
    "line",
    [
        "_0 = copy " + "(*" * 100_000 + "_1" + ")" * 100_000,
        "_0 = SizeOf(" + "&" * 100_000 + "u8)",
        "_0 = SizeOf(" + "Vec<" * 100_000 + "u8)",
        "_0 = SizeOf(" + "(" * 100_000 + "u8)",
        "_0 = SizeOf(" + "fn() -> " * 100_000 + "u8)",
        "_0 = const " + "(" * 100_000 + ")",
        "_0 = const " + "<" * 100_000 + "u8",
    ],
)
def test_nesting_is_bounded(line: str) -> None:
    error = faulty(in_function(line, "return"))
    assert error.expected == f"at most {limits.MAX_NESTING}"
    assert isinstance(error.position, LineColumn)


@pytest.mark.parametrize(
    "piece",
    [
        '"',
        "'",
        "<impl at ",
        "{closure@",
        "{async fn body of ",
        "<",
        "(",
        "╾ ",
        "a::<impl T>::",
        "[",
        "0x",
        "1e",
        "\\",
        "// ",
    ],
)
def test_long_repetitions_come_to_an_end(piece: str) -> None:
    """With anything worse than linear, 800,000 characters of these would not."""
    text = in_function("_0 = " + piece * (800_000 // len(piece)), "return")
    with contextlib.suppress(InputError):
        parse_mir(FILE, text)


def test_long_numbers_and_lines() -> None:
    for line in ("_0 = const " + "9" * 10_000 + "_u8", "_" + "9" * 10_000 + " = ()", "goto -> bb" + "9" * 10_000):
        (function,) = parse_mir(FILE, in_function("nop", line)).items
        assert len(list(function.body.unknowns())) == 1  # type: ignore[union-attr]
    assert "characters" in faulty(in_function("_0 = " + "x" * limits.MAX_LINE_CHARACTERS, "return")).found


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_mir(str(tmp_path / "none.mir"))
    assert error.value.position == WholeFile()
    (tmp_path / "bad.mir").write_bytes(b"fn f() -> () {\n  \xff\n}\n")
    with pytest.raises(InputError) as error:
        read_mir(str(tmp_path / "bad.mir"))
    assert error.value.position == LineColumn(2, 3)
