"""Explorations made by hand: hostile names, a long trace, a large graph; and graphs at random."""

from __future__ import annotations

import random
from pathlib import Path

from artifacts.explore.json_reading import Node
from artifacts.explore.model import (
    CallSite,
    CallView,
    Exploration,
    Heading,
    Listing,
    Section,
    ShownRoot,
    TextView,
    TraceView,
)
from artifacts.explore.trace_reading import read_trace
from artifacts.itf import itf
from artifacts.names import visible
from proofs.runtime.trace import HostAnswer, RuntimeTrace, TraceEvent, TraceStep, Word
from smt_models.runtime.outcomes import Where
from smt_models.system.model import Actor

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \x1b[31m\u202e ]]> --> 'quoted\" #a/b"
WHERE = Where("rt::<impl at src/a.rs:1:1: 1:9>::start", 3, "src/a.rs:7")


def heading(key: str, verdict: str = "refuted", obligation: str = "memory") -> Heading:
    return Heading(key, verdict, obligation, "some.mir", "Op, panic abort, peer wasm", "because", (("panic", "abort"),))


def long_trace(steps: int) -> TraceView:
    """A client that polls and drops in turn; what is lent is touched in every other step."""
    words: tuple[Word, ...] = (("lease", False), ("lent", "None"), ("lent.Some.0", "at block of src/a.rs:7"))
    before = (*words, ("block of src/a.rs:7", "gone"), ("st", "IDLE"), ("count", 0))
    made = []
    for number in range(1, steps + 1):
        lent = number % 2 == 1
        values = {
            "lease": lent,
            "lent": "Some" if lent else "None",
            "st": "COPYING" if lent else "IDLE",
            "count": number,
        }
        if number == 1:
            values["block of src/a.rs:7"] = "bytes"
        after = tuple((name, values.get(name, value)) for name, value in before)
        answer = HostAnswer("stream.read", "nobody waits, parked", "CABI read", "ANSWER", 7, (("n", 1),), WHERE)
        events = (
            TraceEvent("call", "rt::<impl at src/a.rs:1:1: 1:9>::start", None),
            TraceEvent("host", f"stream.read: rule {number % 3}", WHERE, "CABI read", number),
        )
        made.append(TraceStep(number, Actor.CLIENT, "poll" if lent else "drop", (answer,), events, before, after))
        before = after
    trace = RuntimeTrace("memory", "it is so", WHERE, (), tuple(made))
    return read_trace(Node("trace", "", itf(trace)), heading("long"), Listing())


def hostile() -> Exploration:
    """Every text of every view is hostile; what comes in through files is made safe to show, as it is there."""
    text = visible(HOSTILE)
    trace = {
        "#meta": {},
        "vars": [HOSTILE, f"block of {HOSTILE}"],
        "states": [
            {HOSTILE: HOSTILE, f"block of {HOSTILE}": "gone"},
            {
                "#meta": {
                    "actor": HOSTILE,
                    "events": [
                        {
                            "kind": "host",
                            "text": HOSTILE,
                            "citation": HOSTILE,
                            "where": {"function": HOSTILE, "block": 1, "source": f"{HOSTILE}:1"},
                        }
                    ],
                },
                HOSTILE: "other",
                f"block of {HOSTILE}": HOSTILE,
                "action taken": HOSTILE,
            },
        ],
    }
    heads = [Heading(f"{text}{number}", "refuted", text, text, text, text, ((text, text),)) for number in range(3)]
    return Exploration(
        text,
        (
            read_trace(Node("file", "", trace), heads[0], Listing(missing=(text,))),
            CallView(heads[1], text, (text, text), (1, 2), ((1,), ()), (1,), (ShownRoot(text, 0),), {(0, 1): SITE}),
            TextView(heads[2], (Section(text, ((text, text),), text),)),
        ),
        (text,),
    )


SITE = CallSite(7, (visible(HOSTILE),))


def random_calls(seed: int, functions: int = 14, more: int = 10) -> CallView:
    """A graph in which everything is on a way from a root to a goal, as in every view."""
    chosen = random.Random(seed)
    edges: list[dict[int, None]] = [{} for _ in range(functions)]
    goals = tuple(sorted(chosen.sample(range(functions // 2, functions), chosen.randint(1, 2))))
    for function in range(functions):
        if function not in goals:
            edges[function][chosen.choice([goals[0], *range(function + 1, functions)])] = None
    for _ in range(more):
        edges[chosen.randrange(functions)][chosen.randrange(functions)] = None
    roots = tuple(ShownRoot(f"export {number}", number) for number in chosen.sample(range(functions), 3))
    names = tuple(f"f{number}" for number in range(functions))
    targets = tuple(tuple(some) for some in edges)
    return CallView(heading(f"calls-{seed}"), "memory.grow", names, (1,) * functions, targets, goals, roots, {})


def large_calls(functions: int, neck: int = 0) -> CallView:
    """A graph of many functions, each of which calls three that come later, near or far; all ways lead through the
    last `neck` functions, one after the other.
    """
    chosen = random.Random(1)
    wide = functions - 1 - neck
    targets = tuple(
        tuple(dict.fromkeys(min(wide, at + 1 + int(chosen.expovariate(0.01))) for _ in range(3)))
        if at < wide
        else (at + 1,)
        if at < functions - 1
        else ()
        for at in range(functions)
    )
    names = tuple(f"crate_{number % 97}::module_{number % 13}::function_{number}" for number in range(functions))
    roots = tuple(ShownRoot(f"export {number}", number) for number in range(20))
    sizes = tuple(20 + number % 200 for number in range(functions))
    return CallView(heading("large"), "memory.grow", names, sizes, targets, (functions - 1,), roots, {})


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return path.as_uri()
