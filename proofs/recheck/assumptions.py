"""Reads what a certificate assumes: each sentence stands once, with the list of what it is said about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import proofs.recheck.form as form
import proofs.recheck.runtime_wording as runtime_wording
from proofs.recheck.form import refuse
from proofs.recheck.wording import ABOUT_NOTHING, ASSUMPTIONS

Assumptions = tuple[tuple[str, str, str], ...]  # id, about, and the sentence with `about` in it
MAX_SAID = 100_000
"""Each becomes a sentence, which is much longer than what it is about."""
_WHERE = "assumptions"


def of_module(value: object) -> Assumptions:
    found = listed(value, ASSUMPTIONS)
    for identity, about, _ in found:
        if (about == "") != (identity in ABOUT_NOTHING):
            refuse(_WHERE, f"{identity} about {about[:40]!r}")
    return found


def of_runtime(value: object) -> Assumptions:
    found = listed(value, runtime_wording.ASSUMPTIONS, runtime_wording.HYPOTHESES)
    for identity, about, text in found:
        if text != runtime_wording.assumption_text(identity, about):
            refuse(_WHERE, f"{identity[:40]!r} about {about[:40]!r}")
    return found


def listed(value: object, sentences: Mapping[str, str], hypotheses: Mapping[str, str] | None = None) -> Assumptions:
    """`sentences` by id, with `{about}` in the place of what they are about; `hypotheses`: each has its own."""
    found: list[tuple[str, str, str]] = []
    before = ("", "")
    for item in form.items(value, _WHERE):
        entry = form.entries(item, _WHERE, {"id", "about", "text"})
        identity, text = form.text(entry["id"], _WHERE), form.text(entry["text"], _WHERE)
        about = tuple(form.text(one, _WHERE) for one in form.items(entry["about"], _WHERE))
        known = sentences.get(identity)
        if hypotheses is not None and identity == "hypothesis" and about:
            known = hypotheses.get(about[0])
        if known is None:
            refuse(_WHERE, f"unknown id {identity[:40]!r}")
        form.equal(text, known, f"{_WHERE}, text of {identity}")
        if (identity, text) == before:
            refuse(_WHERE, f"the sentence of {identity} stands twice")
        before = identity, text
        if len(found) + len(about) > MAX_SAID:
            refuse(_WHERE, f"more than the {MAX_SAID} that this checker takes")
        found.extend(_said(identity, about, text))
    if any(a[:2] >= b[:2] for a, b in pairwise(found)):
        refuse(_WHERE, "not sorted by id and about, or with one twice")
    return tuple(found)


def _said(identity: str, about: tuple[str, ...], text: str) -> Iterator[tuple[str, str, str]]:
    if not about:
        yield identity, "", text
    for one in about:
        if not one:
            refuse(_WHERE, f"{identity} about an empty name")
        yield identity, one, text.replace("{about}", one)


def exactly(listed: Assumptions, asked: set[tuple[str, str]], sentences: Mapping[str, str]) -> None:
    """Those that are asked for are listed, no other is, and each in its own words. Raises `Refused`."""
    for identity, about in sorted(asked - {one[:2] for one in listed}):
        refuse("assumptions", f"{identity} {about} is asked for and not listed")
    for identity, about, text in listed:
        if (identity, about) not in asked:
            refuse("assumptions", f"{identity} {about} is listed and not asked for")
        if text != sentences[identity].replace("{about}", about):
            refuse("assumptions", f"the text of {identity} {about}")
