"""What has to be believed of a certificate, and what it does without: `trust.toml`, read."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources

EVIDENCE = (
    "closed-set",
    "needed-by",
    "compact",
    "invariant",
    "pool-invariant",
    "statics-invariant",
    "buffer-invariant",
)


@dataclass(frozen=True, slots=True)
class Trusted:
    """`evidence`: of which kinds. `assumption`: of those only that list one of these ids; empty: of all. `without`: the
    option of `check` that does without it; `only`: the one that alone needs it; empty: how it is checked does not
    matter. `tests`: files that hold it to something else; none where no test of ours can.
    """

    id: str
    what: str
    evidence: tuple[str, ...]
    assumption: tuple[str, ...]
    without: str
    only: str
    tests: tuple[str, ...]


@cache
def all_trusted() -> tuple[Trusted, ...]:
    text = resources.files("artifacts").joinpath("trust.toml").read_text(encoding="utf-8")
    return tuple(
        Trusted(
            one["id"], one["what"], tuple(one["evidence"]), tuple(one.get("assumption", ())), one.get("without", ""),
            one.get("only", ""), tuple(one["tests"]),
        )
        for one in tomllib.loads(text)["trusted"]
    )  # fmt: skip


def trusted_by(evidence: str, assumptions: Collection[str], options: Collection[str] = ()) -> tuple[Trusted, ...]:
    """Of a certificate with evidence of this kind that lists assumptions with these ids, and is checked with these
    options.
    """
    return tuple(
        one
        for one in all_trusted()
        if evidence in one.evidence
        and (not one.assumption or not set(one.assumption).isdisjoint(assumptions))
        and one.without not in options
        and (not one.only or one.only in options)
    )


def page_table() -> str:
    """The tables of docs/trust.md."""
    head = f"| | what has to be believed | {' | '.join(EVIDENCE)} |\n|---|---|{'---|' * len(EVIDENCE)}\n"
    rows = "".join(
        f"| `{one.id}` | {one.what} | {' | '.join(_mark(one, evidence) for evidence in EVIDENCE)} |\n"
        for one in all_trusted()
    )
    tests = "".join(
        f"| `{one.id}` | {', '.join(f'`{test}`' for test in one.tests) or 'none of ours can'} |\n"
        for one in all_trusted()
    )
    return f"{head}{rows}\n| | held to something else by |\n|---|---|\n{tests}"


def _mark(one: Trusted, evidence: str) -> str:
    if evidence not in one.evidence:
        return ""
    if one.without or one.only:
        return f"but with `--{one.without}`" if one.without else f"with `--{one.only}`"
    return "if assumed" if one.assumption else "yes"
