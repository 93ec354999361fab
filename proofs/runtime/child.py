"""What runs in a process of its own: each line of standard input is a task in JSON, and has one line in answer.

A solver may crash, hang, or eat memory: none of that may take the prover with it, and none of it is an answer.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from proofs.z3_terms import constants as constants_of

Tree = list[Any]
"""`["var", name]`, `["bool", b]`, `["bv", value, width]`, or `[operator, indices, arguments..]`."""

_NAMES = {
    "and": "and",
    "or": "or",
    "not": "not",
    "=": "=",
    "if": "ite",
    "bvule": "bvule",
    "bvult": "bvult",
    "bvsle": "bvsle",
    "bvslt": "bvslt",
    "bvadd": "bvadd",
    "bvmul": "bvmul",
    "bvand": "bvand",
    "bvor": "bvor",
    "bvnot": "bvnot",
    "bvneg": "bvneg",
    "concat": "concat",
    "extract": "extract",
}
MAX_TREE = 200_000


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        limit = int(task["megabytes"]) * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        json.dump(TASKS[task["do"]](task), sys.stdout)
        print(flush=True)


def spacer(task: dict[str, Any]) -> dict[str, Any]:
    """`sat`: an invariant that excludes the bad condition, with it; `unsat`: it is reachable."""
    import z3  # type: ignore[import-untyped]

    for name in ("slice", "inline_linear", "inline_eager"):
        z3.set_param(f"fp.xform.{name}", False)  # else what the model says is not an invariant of the text
    solver = z3.SolverFor("HORN")
    solver.set("timeout", int(task["seconds"]) * 1000)
    solver.from_string(task["text"])
    result = str(solver.check())
    if result != "sat":
        return {"result": result, "why": solver.reason_unknown() if result == "unknown" else ""}
    model = solver.model()
    predicate = next(one for one in model.decls() if one.name() == task["predicate"])
    body = model[predicate]
    body = body.else_value() if isinstance(body, z3.FuncInterp) else body
    names = task["names"]
    return {"result": "sat", "invariant": _tree(z3, body, names, [0])}


def _tree(z3: Any, given: Any, names: list[str], size: list[int]) -> Tree:
    size[0] += 1
    if size[0] > MAX_TREE:
        raise ValueError("an invariant too large to write down")
    if z3.is_var(given):
        return ["var", names[z3.get_var_index(given)]]
    if z3.is_true(given) or z3.is_false(given):
        return ["bool", z3.is_true(given)]
    if z3.is_bv_value(given):
        return ["bv", given.as_long(), given.size()]
    name = given.decl().name()
    if name == "=>":
        left, right = (_tree(z3, one, names, size) for one in given.children())
        return ["or", [], ["not", [], left], right]
    if name == "distinct" and given.num_args() == 2:
        return ["not", [], ["=", [], *(_tree(z3, one, names, size) for one in given.children())]]
    if name in ("bvuge", "bvugt", "bvsge", "bvsgt"):
        left, right = (_tree(z3, one, names, size) for one in given.children())
        return [{"bvuge": "bvule", "bvugt": "bvult", "bvsge": "bvsle", "bvsgt": "bvslt"}[name], [], right, left]
    if name not in _NAMES:
        raise ValueError(f"an invariant with {name}")
    indices = list(given.params()) if name == "extract" else []
    arguments = [_tree(z3, one, names, size) for one in given.children()]
    while len(arguments) > 2 and name in ("bvadd", "bvmul", "bvand", "bvor", "concat"):
        arguments = [[_NAMES[name], [], arguments[0], arguments[1]], *arguments[2:]]
    return [_NAMES[name], indices, *arguments]


def checked(task: dict[str, Any]) -> dict[str, Any]:
    """What cvc5 says to one query."""
    import cvc5  # type: ignore[import-untyped]

    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("tlimit-per", str(int(task["seconds"]) * 1000))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, task["text"], "query")
    symbols = parser.getSymbolManager()
    said = ""
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return {"result": said.strip()}
        said += command.invoke(solver, symbols)


def satisfiable(task: dict[str, Any]) -> dict[str, Any]:
    """What z3 says to each of several small texts, in `each` seconds."""
    import z3

    results: list[str] = []
    for text in task["texts"]:
        solver = z3.Solver()
        solver.set("timeout", int(task["each"]) * 1000)
        solver.from_string(text)
        results.append(str(solver.check()))
    return {"result": "done", "results": results}


def values(task: dict[str, Any]) -> dict[str, Any]:
    """A model: of what is preferred, in order, as much as can be; then each of the `small` is made smallest."""
    import z3

    solver = z3.Solver()
    solver.set("timeout", int(task["seconds"]) * 1000)
    solver.from_string(task["text"])
    result = str(solver.check())
    if result != "sat":
        return {"result": result}
    for text in task["prefer"]:
        solver.push()
        solver.add(z3.parse_smt2_string(text))
        if str(solver.check()) != "sat":
            solver.pop()
    constants = {one.decl().name(): one for one in constants_of(z3, solver.assertions())}
    for name in task["small"]:
        if name in constants:
            _smallest(z3, solver, constants[name])
    solver.check()
    model = solver.model()
    found: dict[str, bool | int] = {}
    for name, one in constants.items():
        value = model.eval(one, model_completion=True)
        found[name] = z3.is_true(value) if z3.is_bool(value) else value.as_long()
    return {"result": "sat", "values": found}


def _smallest(z3: Any, solver: Any, one: Any) -> None:
    """Bit by bit from the top: each 0 if it can be."""
    wanted = [z3.Not(one)] if z3.is_bool(one) else []
    if z3.is_bv(one):
        if str(solver.check(one == 0)) == "sat":
            solver.add(one == 0)
            return
        wanted = [z3.Extract(bit, bit, one) == 0 for bit in reversed(range(one.size()))]
    for condition in wanted:
        solver.add(condition if str(solver.check(condition)) == "sat" else z3.Not(condition))


TASKS = {"spacer": spacer, "check": checked, "satisfiable": satisfiable, "values": values}

if __name__ == "__main__":
    main()
