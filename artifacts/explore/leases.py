"""The life of each block of memory over a trace, as far as the state says: that it lives, is lent, may be touched.

The words are those of the model: a block is a word `block of PLACE` whose value is `gone` while it does not live; what
is lent stands in `lent` (of a call: `parameters lent`), and whether the host may touch it in the host's own words. A
step that is broken off by a violation changes no word of the guest's; there its events say what became of a block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from artifacts.explore.model import BlockLife, Entry, Life, ShownStep, ShownWord

_BLOCK = "block of "
_GONE = "gone"
_AT = "at "


VIOLATION = "violation"


def block_lives(
    words: Sequence[ShownWord], rows: Sequence[tuple[str, ...]], steps: Sequence[ShownStep]
) -> tuple[BlockLife, ...]:
    lives = (_life(word.name, number, words, rows) for number, word in enumerate(words) if _is_block(word))
    broken = steps[-1].entries if steps and any(one.kind == VIOLATION for one in steps[-1].entries) else ()
    return tuple(_broken_off(life, broken) for life in lives)


def _is_block(word: ShownWord) -> bool:
    return word.name.startswith(_BLOCK) and "." not in word.name.rpartition("/")[2].partition(":")[2]


def _broken_off(block: BlockLife, entries: Sequence[Entry]) -> BlockLife:
    last = block.lives[-1]
    for entry in entries:
        match entry.kind:
            case "choice" if entry.text.startswith("no memory: False") and entry.where is not None:
                last = Life.OWNED if f"{_BLOCK}{entry.where.source}" == block.name else last
            case "free" if entry.text == f"{block.name} is freed":
                last = Life.DEAD
            case "violation" if f"{block.name} " in entry.text:
                last = Life.VIOLATED
            case _:
                pass
    return replace(block, lives=(*block.lives[:-1], last))


def _life(name: str, number: int, words: Sequence[ShownWord], rows: Sequence[tuple[str, ...]]) -> BlockLife:
    lives: list[Life] = []
    reached: list[tuple[str, ...]] = []
    lived = False
    for row in rows:
        by = tuple(_reached_by(name, words, row))
        lives.append(_now(row[number], lived, by, {word.name: row[at] for at, word in enumerate(words)}))
        reached.append(by)
        lived = lived or row[number] != _GONE
    return BlockLife(name, tuple(lives), tuple(reached))


def _now(value: str, lived: bool, by: tuple[str, ...], state: Mapping[str, str]) -> Life:
    roots = {word.partition(".")[0] for word in by}
    lent = [root for root in ("lent", "parameters lent") if root in roots]
    if any(_may_touch(root, state) for root in lent):
        return Life.TOUCHED  # a block that is gone, too: that is what a violation looks like
    if value == _GONE:
        return Life.DEAD if lived else Life.ABSENT
    return Life.LENT if lent else Life.OWNED


def _may_touch(root: str, state: Mapping[str, str]) -> bool:
    """docs/host-model.md: the lease of an end; of a call, the parameters until STARTED is heard, the results area
    until the resolution is delivered.
    """
    if "lease" in state:
        return state["lease"] == "true"
    if state.get("held") != "true":
        return False
    return state.get("told") == "STARTING" if root == "parameters lent" else state.get("delivered") == "false"


def _reached_by(name: str, words: Sequence[ShownWord], row: tuple[str, ...]) -> list[str]:
    """The words that say something now and hold an address in this block."""
    return [
        word.name
        for number, word in enumerate(words)
        if row[number].startswith(_AT)
        and (row[number][len(_AT) :] == name or row[number].startswith(f"{_AT}{name}."))
        and says_something(word, row)
    ]


def says_something(word: ShownWord, row: tuple[str, ...]) -> bool:
    """Whether the word means anything in this state: the variants around it are there."""
    return all(row[holder] == value if value else row[holder] != _GONE for holder, value in word.within)
