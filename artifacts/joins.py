"""Joins of pools in words, and as JSON: the same in every file."""

from __future__ import annotations

from artifacts.canonical import Json
from artifacts.names import unicode_only, visible
from proofs.pool_join import Join


def word(join: Join) -> str:
    """`differ`: there is a finding; `open`: something stands in the way of saying that all agrees."""
    return "differ" if join.findings else "joined" if join.holds else "open"


def ends(join: Join) -> str:
    pool = "no pool" if join.pool is None else f"pool {visible(join.pool)}"
    return f"static {visible(join.static)} of {visible(join.crate)} and {pool} of {visible(join.module)}"


def reasons(join: Join) -> tuple[str, ...]:
    """A sentence for each finding, and what is open; of what agrees, one."""
    proved = "" if not join.proved else f"proved at both ends: {', '.join(join.proved)}"
    if join.holds:
        return (f"{join.size} bytes at both ends; {proved}",)
    return (*map(visible, join.findings), *map(visible, join.open), *([proved] if proved else ()))


def why(join: Join) -> str:
    """All of them, on one line."""
    return "; ".join(reasons(join))


def join_lines(join: Join) -> tuple[str, ...]:
    """For terminals."""
    return (f"{word(join):<8} {ends(join)}", *(f"         {one}" for one in reasons(join)))


def join_json(join: Join) -> Json:
    return {
        "crate": unicode_only(join.crate),
        "static": unicode_only(join.static),
        "module": unicode_only(join.module),
        "pool": None if join.pool is None else unicode_only(join.pool),
        "state": word(join),
        "bytes": join.size,
        "proved": list(join.proved),
        "findings": [unicode_only(one) for one in join.findings],
        "open": [unicode_only(one) for one in join.open],
    }
