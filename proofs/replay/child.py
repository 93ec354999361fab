"""The process in which guests run: a request on standard input; on standard output what it does, then the answer."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys

import wasmtime

from extract.errors import InputError
from extract.subject import read_subject
from extract.wasm.read import read_world
from proofs.replay.build import Built, build
from proofs.replay.engine import Ticker
from proofs.replay.outside import idle_realloc
from proofs.replay.request import MadeCall, MemoryGrow, ReachFunction, Replay, Request, decode_request, encode_answer
from proofs.replay.search import Found, Search
from proofs.replay.session import BrokenStart
from proofs.replay.shrink import shrink, told
from proofs.replay.stand_ins import NoStandInError
from proofs.verdicts import Confirmed, NotConfirmed

_RESERVE = 0.1  # of the budget: for the last call, for shrinking, for the answer


def say(doing: str) -> None:
    print(json.dumps({"doing": doing}), flush=True)


def answer(request: Request) -> Replay:
    say("reading the file")
    subject = read_subject(request.path)
    if subject.sha256 != request.sha256:
        return Replay(NotConfirmed("the file is no longer the one under proof: its SHA-256 has changed"))
    world = read_world(subject)
    if world.foreign:
        return Replay(NotConfirmed("the file instantiates imported code, which is not at hand"))
    idle = [root for root in request.roots if idle_realloc(world, root.function)]
    if len(idle) == len(request.roots):
        why = f"no call from outside runs {idle[0].name}: no lift, lower or built-in needs it as its realloc"
        return Replay(NotConfirmed(why))
    roots = tuple([root for root in request.roots if root not in idle])
    request = dataclasses.replace(request, roots=roots)
    built = build(world, request, say)
    reserve = request.seconds * _RESERVE
    Ticker(built.engine, request.until + 1)
    say("calling the roots")
    search = Search(world, built, request, request.until - reserve)
    found = search.run()
    if found is None:
        return Replay(NotConfirmed(_nothing(request, search)))
    say("making the trace shorter")
    shortest = shrink(search, found, request.until - reserve / 2)
    return Replay(_confirmed(shortest, built), tuple(MadeCall(one.function, one.arguments) for one in shortest.calls))


def _nothing(request: Request, search: Search) -> str:
    match request.goal:
        case MemoryGrow():
            what = "no memory grew"
        case ReachFunction():
            what = "none of the functions to be reached was entered"
    why = f"{what} within the budget: "
    if search.callable_roots:
        why += f"{search.callable_roots} of {len(request.roots)} roots were called with boundary values, "
        why += "constants of their code and random numbers"
    else:
        why += "no root can be called"
    if search.uncallable:
        why += f"; {search.uncallable[0]} takes or gives references or vectors"
    return why


def _confirmed(found: Found, built: Built) -> Confirmed:
    how = "; ".join([*built.notes, f"{found.seen.what} in {told(found)}"])
    return Confirmed(
        export=found.root.name,
        arguments=found.calls[-1].arguments if found.calls else (),
        calls=len(found.calls),
        pages_before=found.seen.pages_before,
        pages_after=found.seen.pages_after,
        how=how,
    )


def main() -> None:
    with contextlib.suppress(ImportError):
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = decode_request(sys.stdin.read())
    try:
        replay = answer(request)
    except InputError as error:
        replay = Replay(NotConfirmed(f"the file cannot be read again: found {error.found}; expected {error.expected}"))
    except BrokenStart as error:
        replay = Replay(NotConfirmed(f"the file cannot be instantiated with stand-ins for its imports: {error}"))
    except NoStandInError as error:
        replay = Replay(NotConfirmed(str(error)))
    except wasmtime.WasmtimeError as error:
        replay = Replay(NotConfirmed(f"wasmtime does not take the file: {' '.join(str(error).split())[:300]}"))
    print(encode_answer(replay), flush=True)


if __name__ == "__main__":
    main()
