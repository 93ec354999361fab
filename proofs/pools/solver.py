"""What answers many small questions about one model, in a process of its own: it may crash, hang, or eat memory.

Each line of standard input is a task in JSON, and each has one line in answer. A context is loaded once, with named
propositions; questions assume some of them and ask whether others can be false.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any


class Contexts:
    """A resource: solvers by name."""

    def __init__(self, seconds: float) -> None:
        import z3  # type: ignore[import-untyped]

        self._z3 = z3
        self._milliseconds = int(seconds * 1000)
        self._solvers: dict[str, Any] = {}

    def load(self, task: dict[str, Any]) -> dict[str, Any]:
        solver = self._z3.SolverFor("QF_BV")
        solver.from_string(task["text"])
        self._solvers[task["context"]] = solver
        return {"result": "loaded"}

    def falsify(self, task: dict[str, Any]) -> dict[str, Any]:
        """Whether all of `assume` can hold while one of `claims` does not: those that then do not, or a core of
        `assume` that keeps it from being so.
        """
        z3, solver = self._z3, self._solvers[task["context"]]
        solver.set("timeout", self._milliseconds)
        claims = [z3.Bool(name) for name in task["claims"]]
        tracked = {name: z3.Bool(name) for name in task["assume"]}
        solver.push()
        solver.add(z3.Or([z3.Not(one) for one in claims]) if claims else z3.BoolVal(False))
        result = str(solver.check(list(tracked.values())))
        answer: dict[str, Any] = {"result": result}
        if result == "sat":
            model = solver.model()
            answer["false"] = [
                name
                for name, one in zip(task["claims"], claims, strict=True)
                if z3.is_false(model.eval(one, model_completion=True))
            ]
        elif result == "unsat":
            answer["core"] = sorted(str(one) for one in solver.unsat_core())
        else:
            answer["why"] = solver.reason_unknown()
        solver.pop()
        return answer

    def values(self, task: dict[str, Any]) -> dict[str, Any]:
        """Values of constants of a text by itself, with `small` made small one after the other."""
        z3 = self._z3
        solver = z3.SolverFor("QF_BV")
        solver.set("timeout", int(1000 * task["seconds"]))
        solver.from_string(task["text"])
        result = str(solver.check())
        if result != "sat":
            return {"result": result, "why": solver.reason_unknown() if result == "unknown" else ""}
        model = solver.model()
        for name in task["small"]:
            one = z3.BitVec(name, 32)
            for limit in (0, 1, 8, 64, 1024, 1 << 16):
                solver.push()
                solver.add(z3.ULE(one, limit))
                if str(solver.check()) == "sat":
                    model = solver.model()
                    break
                solver.pop()
        found: dict[str, bool | int] = {}
        for declared in model.decls():
            value = model[declared]
            if z3.is_bool(value) or z3.is_bv_value(value):
                found[declared.name()] = z3.is_true(value) if z3.is_bool(value) else value.as_long()
        return {"result": "sat", "values": found}


def main() -> None:
    first = json.loads(sys.stdin.readline())
    limit = int(first["megabytes"]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    contexts = Contexts(first["seconds"])
    tasks = {"load": contexts.load, "falsify": contexts.falsify, "values": contexts.values}
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(tasks[task["do"]](task)), flush=True)


if __name__ == "__main__":
    main()
