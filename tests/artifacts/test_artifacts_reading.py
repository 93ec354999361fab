"""What people read: text, Markdown, DOT, SVG; and names that try to be more than names."""

import re
import unicodedata
import xml.etree.ElementTree as ET

import artifact_samples as samples
import pytest

from artifacts.dot import dot
from artifacts.layout import layout
from artifacts.markdown import SIZE_LIMIT, markdown
from artifacts.names import markdown_code, shortened, unicode_only, visible
from artifacts.run import Run
from artifacts.svg import svg
from artifacts.text import LISTED, explain_text, result_lines
from proofs.verdicts import Cut, Kind, NotConfirmed, Reach, Refuted, Result

ALL = samples.every_result()
RUNS = samples.every_run()
SVG = "{http://www.w3.org/2000/svg}"


def harmless(text: str) -> bool:
    """Nothing but new lines that a terminal or a bidirectional renderer would obey."""
    return all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} for c in text)


def test_visible() -> None:
    assert visible("plain_name::<T>") == "plain_name::<T>"
    assert visible("\x1b[2J\n\u202e\ud800\U000e0001") == "\\x1b[2J\\x0a\\u202e\\ud800\\U000e0001"
    assert len(visible("a" * 1_000_000)) == 240
    assert harmless(visible("".join(map(chr, range(0x11000))), 0x11000))


def test_shortened_and_unicode_only() -> None:
    assert [shortened("abcdefgh", limit) for limit in (8, 7, 4, 1)] == ["abcdefgh", "abc…fgh", "a…gh", "…"]
    assert unicode_only("a\udcffb\U0001f600") == "a\ufffdb\U0001f600"


def test_markdown_code_holds_nothing_live() -> None:
    inside = markdown_code(samples.HOSTILE, 2000).removeprefix("<code>").removesuffix("</code>")
    assert not set("`|<>[]\n@") & set(inside)
    assert "http://" not in inside
    assert "https://" not in inside
    assert markdown_code("www.evil.example WWW.evil") == "<code>www&#46;evil.example WWW&#46;evil</code>"


def test_explain_reach() -> None:
    assert explain_text(samples.result(samples.reach())) == (
        "refuted  realloc-no-grow   mods/app.wasm (every realloc) 0.01 s\n"
        "         cabi_realloc$1 reaches memory.grow in 3 steps, and 1 other root reaches it; confirmed with "
        "cabi_realloc(0, 0, 1, 65537) pages 17→18 (arguments from a search over sizes)\n"
        "\n"
        "path 1 of 2: from cabi_realloc\n"
        "  0   cabi_realloc\n"
        "      realloc of a lift [T1]\n"
        "  1 → __rust_realloc\n"
        "      call at offset 0x1000 [E1]\n"
        "  2 → dlmalloc::malloc\n"
        "      call at offset 0x1010 [E1]\n"
        "  3 → sbrk\n"
        "      call at offset 0x1020 [E1]\n"
        "  4 ⇒ memory.grow\n"
        "      memory.grow at offset 0x9000 [E4]\n"
        "\n"
        "path 2 of 2: from cabi_realloc$1\n"
        "  0   cabi_realloc$1\n"
        "      realloc of a lift [T1]\n"
        "  1 → dlmalloc::malloc\n"
        "      call at offset 0x1000 [E1]\n"
        "  2 → sbrk\n"
        "      call at offset 0x1010 [E1]\n"
        "  3 ⇒ memory.grow\n"
        "      memory.grow at offset 0x9000 [E4]\n"
        "\n"
        "entries that reach the goal: 3\n"
        "  cabi_realloc\n"
        "  cabi_realloc$1\n"
        "  run\n"
        "smallest cut: remove the call dlmalloc::malloc → sbrk\n"
        "replay: confirmed with cabi_realloc(0, 0, 1, 65537) pages 17→18 (arguments from a search over sizes)\n"
    )


def test_explain_not_confirmed_and_cuts() -> None:
    cut = Cut((("a", "b"), ("c", "d")), ("x",))
    text = explain_text(samples.result(Refuted(Reach((), (), cut, NotConfirmed("2 s are over")))))
    assert "replay: not confirmed within the budget: 2 s are over" in text
    assert "remove the calls a → b, c → d, or the root x" in text


def test_explain_vestiges() -> None:
    text = explain_text(samples.result(samples.vestiges(100), Kind.REALLOC_VESTIGIAL))
    assert "cabi_realloc alone keeps alive 100 other functions; 101 functions, 4096 code bytes in all" in text
    assert f"… and {100 - LISTED} more" in text
    assert "removing all of them frees 103 functions, 4200 code bytes" in text


def test_assumptions_are_listed() -> None:
    lines = result_lines(samples.result(samples.closed_set()))
    assert sum("assuming " in line for line in lines) == 2


@pytest.mark.parametrize("result", ALL, ids=lambda result: f"{type(result.verdict).__name__} {result.kind.value}")
def test_every_form_is_harmless_and_the_same_each_time(result: Result) -> None:
    for write in (explain_text, dot, svg):
        assert harmless(write(result))
        assert write(result) == write(result)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_markdown_is_harmless(run: Run) -> None:
    text = markdown(run)
    assert harmless(text)
    assert "<script" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} <= {7}
    assert len(rows) == (2 + len(run.results) + len(run.missing) if run.results else 0)


def test_markdown_is_bounded_and_says_so() -> None:
    long = Refuted(Reach((samples.path("root", tuple(f"f{n}" for n in range(300))),), (), None, NotConfirmed("x")))
    text = markdown(samples.run(*(samples.result(long, path=f"{number}.wasm") for number in range(300))))
    assert len(text) < SIZE_LIMIT + 200
    assert "and 100 more" in text
    assert "left out for length" in text


def test_dot_is_quoted() -> None:
    text = dot(samples.result(samples.hostile()))
    for line in text.splitlines()[1:-1]:
        assert re.sub(r'"(?:[^"\\]|\\.)*"', "", line).count('"') == 0
        assert line.endswith(";")


def _boxes(text: str) -> list[tuple[float, float, float, float]]:
    rects = [rect for rect in ET.fromstring(text).iter(f"{SVG}rect") if "box" in rect.attrib["class"]]
    return [tuple(float(rect.attrib[key]) for key in ("x", "y", "width", "height")) for rect in rects]  # type: ignore[misc]


@pytest.mark.parametrize("paths", [1, 2, 3, 6])
@pytest.mark.parametrize("steps", [1, 2, 5, 17, 40])
@pytest.mark.parametrize("shared", [0, 3])
def test_boxes_do_not_overlap_and_stay_on_the_page(paths: int, steps: int, shared: int) -> None:
    numbers: dict[str, int] = {}
    tail = tuple(f"shared_{number}" for number in range(min(shared, steps - 1)))
    each = [
        samples.path(f"root_{one}", tuple(f"f_{one}_{n}" for n in range(steps - 1 - len(tail))) + tail, 0, numbers)
        for one in range(paths)
    ]
    text = svg(samples.result(Refuted(Reach(tuple(each), (), None, NotConfirmed("x")))))
    boxes = _boxes(text)
    page = ET.fromstring(text).attrib
    assert len(boxes) == len(numbers) + 1
    for number, (x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + width <= float(page["width"])
        assert y + height <= float(page["height"])
        for x2, y2, width2, height2 in boxes[:number]:
            assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y


def test_svg_keeps_full_names_and_fetches_nothing() -> None:
    name = "core::" + "very_long_module::" * 10 + "f"
    text = svg(samples.result(Refuted(Reach((samples.path(name, ()),), (), None, NotConfirmed("x")))))
    titles = [title.text or "" for title in ET.fromstring(text).iter(f"{SVG}title")]
    assert any(title.startswith(name) for title in titles)
    drawn = "".join(node.text or "" for node in ET.fromstring(text).iter(f"{SVG}text"))
    assert name not in drawn
    assert not re.search(r"href|url\(|@import|<script|<image|<foreignObject", text)
    assert "prefers-color-scheme" in text


def test_layout_of_cycles_and_long_edges() -> None:
    edges = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "c"), ("c", "c")]
    places = layout("abc", edges, 10, 2)
    assert [places.layer[node] for node in "abc"] == [0, 1, 2]
    assert len(places.bends["a", "c"]) == 3
    assert len(places.bends["c", "a"]) == 3
    assert min(places.x.values()) >= 0
