"""The options that say which runtimes are meant: the same for every command that proves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from proofmark.asked_runtimes import AskedRuntimes
from proofs.kinds import RuntimeKind

_Command = TypeVar("_Command", bound=Callable[..., Any])
_CRATE = (
    click.option("packages", "--package", metavar="NAME@VERSION", multiple=True, help="A runtime from the registry."),
    click.option("crates", "--crate", metavar="DIR", multiple=True, help="A runtime: the directory of its crate."),
    click.option("mirs", "--mir", metavar="FILE", multiple=True, help="A runtime as MIR text made elsewhere."),
    click.option("sources", "--src", metavar="DIR", multiple=True, help="The crate that the --mir was made from."),
    click.option("--features", metavar="A,B", multiple=True, help="Of runtimes (of wit-bindgen: async,std)."),
    click.option("--default-features", is_flag=True, help="Of runtimes: their default features too."),
)
_PARTS = (
    click.option("panics", "--panic", type=click.Choice(["abort", "unwind"]), multiple=True, help="By default both."),
    click.option("peers", "--peer", type=click.Choice(["wasm", "host"]), multiple=True, help="By default both."),
    click.option("operations", "--operation", metavar="NAME", multiple=True, help="Of the profile, or task-side."),
)
_HOW = (
    click.option("--profile", metavar="FILE", help="What is what in a runtime (by default: of wit-bindgen)."),
    click.option("--task-profile", metavar="FILE", help="What is what in its tasks (by default: of wit-bindgen)."),
    click.option("--target", metavar="TRIPLE", help="To compile runtimes for (by default the machine's own)."),
    click.option("--toolchain", metavar="NAME", help="Of rustup, to compile runtimes with."),
    click.option(
        "--seconds", metavar="S", type=click.IntRange(1, 86400), help="For each proof about a runtime or pool (60)."
    ),
    click.option("--megabytes", metavar="M", type=click.IntRange(64, 1 << 20), help="For each such proof (4096)."),
)


def runtime_options(command: _Command) -> _Command:
    """`command` takes them by name, as what `asked_runtimes` reads."""
    return _with((*_CRATE, *_PARTS, *_HOW), command)


def crate_options(command: _Command) -> _Command:
    """Without those that choose parts of a runtime."""
    return _with((*_CRATE, *_HOW), command)


def _with(options: tuple[Callable[[_Command], _Command], ...], command: _Command) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


def asked_runtimes(kinds: Iterable[str], given: Mapping[str, Any], controls: int | None = None) -> AskedRuntimes:
    """`kinds`: as named, of modules too. `given`: the values of the options, by the names of their parameters."""
    features = tuple(name for words in given["features"] for name in words.split(",") if name)
    asked = tuple(kind for kind in RuntimeKind if kind.value in set(kinds))
    rest = {name: value for name, value in given.items() if name != "features"}
    return AskedRuntimes(features=features if given["features"] else None, kinds=asked, controls=controls, **rest)
