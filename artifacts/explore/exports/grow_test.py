"""A path to memory.grow that a run of the module took, as a test in Python that stands alone."""

from __future__ import annotations

from string import Template

from artifacts.explore.exports.pool_test import Call, lines, quoted, template
from artifacts.explore.model import Heading


def grow_test(heading: Heading, sha256: str, calls: tuple[Call, ...], pages: tuple[int, int], version: str) -> str:
    """The last of the `calls` grows a memory; without one, instantiation does. `pages`: before and after it."""
    return Template(template("grow_test.txt")).substitute(
        title=f"{heading.obligation}: a counterexample of proofmark {version}",
        told=quoted(f"{heading.subject}, {heading.instance}."),
        sha256=sha256,
        calls=lines([repr(one) for one in calls]) if calls else "()",
        pages=repr(pages),
    )
