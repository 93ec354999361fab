"""What answers many small questions about one model, in a process of its own: it may crash, hang, or eat memory.

Each line of standard input is a task in JSON, and each has one line in answer. A context is loaded once, with named
propositions; questions assume some of them and ask whether others can be false.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from proofs.pools.integers import Integers
from proofs.pools.products import Products
from proofs.z3_terms import constants

MULTIPLIED = "(bvmul "
FEW_CONFLICTS = 1000
MANY_CONFLICTS = 1000
MOST_CONFLICTS = 4000
"""Where no other solver is asked afterwards."""
CONFLICTS_WITH_PRODUCTS = 300
"""Before integers are asked: what they show takes them less than what this takes."""
MOST_WITH_PRODUCTS = 40
"""Solvers that are kept: with laws of products each takes some ten megabytes, and is soon made again."""
BEFOREHAND = ("simplify", "propagate-values", "solve-eqs", "simplify")
AT_ONCE_CONFLICTS = 20_000
"""About a second. What is hard for a solver that keeps what it has learned is often soon done by one that has nothing
but the question, and simplifies it beforehand: of copies in two parts, 0.2 s instead of 0.7.
"""
IN_A_CASE = {"smt": 5.0, "qfbv": None}
"""In this order, with the seconds that each has, None: all that there are. Where a case makes a number a constant, the
first is three to six times as quick as what is made for bits (sums of eight sizes, each in its slot: 1.2 s instead of 3
to 7); where it is not done in 5 s, the other may be in one (six records and more, one behind the other).
"""


class Contexts:
    """A resource: solvers by name."""

    def __init__(self, seconds: float) -> None:
        import z3  # type: ignore[import-untyped]

        self._z3 = z3
        self._milliseconds = int(seconds * 1000)
        self._solvers: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        self._products: dict[str, Products] = {}
        self._cases: dict[str, list[str]] = {}

    def load(self, task: dict[str, Any]) -> dict[str, Any]:
        """In place of what had this name."""
        context = task["context"]
        self._solvers.pop(context, None)
        self._texts[context] = task["text"]
        self._cases[context] = task["cases"]
        self._solver(context)
        return {"result": "loaded"}

    def _solver(self, context: str) -> Any:
        """With what it was told and has learned since, unless it was closed for others."""
        if context not in self._solvers:
            solver = self._z3.SolverFor("QF_BV")
            solver.from_string(self._texts[context])
            products = self._products_of(self._texts[context], solver)
            self._products.pop(context, None)
            if products is not None:
                solver = self._z3.SolverFor("QF_BV")
                solver.add(products.assertions)
                self._products[context] = products
                while len(self._products) > MOST_WITH_PRODUCTS:
                    oldest = next(iter(self._products))
                    del self._products[oldest], self._solvers[oldest]
            self._solvers[context] = solver
        return self._solvers[context]

    def refuted(self, task: dict[str, Any]) -> dict[str, Any]:
        """Those of `claims` that a model shows false where all of `assume` holds, as long as models are quickly found;
        and of all others at once a core of `assume`, if it is as quickly shown that they follow.
        """
        z3, solver = self._z3, self._solver(task["context"])
        claims = {name: z3.Bool(name) for name in task["claims"]}
        assume = [z3.Bool(name) for name in task["assume"]]
        self._limit(solver, FEW_CONFLICTS)
        gone: list[str] = []
        core: list[str] | None = [] if not claims else None
        while claims:
            solver.push()
            solver.add(z3.Or([z3.Not(one) for one in claims.values()]))
            found, laws = _checked(solver, assume, self._products.get(task["context"]))
            false = self._false(solver.model(), claims) if found == "sat" else []
            if found == "unsat":
                core = self._core(solver)
            solver.pop()
            solver.add(laws)
            if not false:
                break
            gone += false
            for name in false:
                del claims[name]
        return {"result": "refuted", "false": gone, "core": core}

    def sift(self, task: dict[str, Any]) -> dict[str, Any]:
        """Those of `claims` that follow from `assume`, each by itself and with a core of `assume`; what is not decided
        does not.
        """
        z3, solver = self._z3, self._solver(task["context"])
        claims = {name: z3.Bool(name) for name in task["claims"]}
        assume = [z3.Bool(name) for name in task["assume"]]
        products = self._products.get(task["context"])
        self._limit(solver, MANY_CONFLICTS if products is None else CONFLICTS_WITH_PRODUCTS)
        cores: dict[str, list[str]] = {}
        while claims:
            name = next(iter(claims))
            found, asked = _checked(solver, [*assume, z3.Not(claims[name])], products)[0], solver
            if found == "unknown" and products is None:
                found, asked = self._asked_otherwise(task["context"], [*assume, z3.Not(claims[name])])
            if found == "unknown" and products is not None:
                core = Integers.of(self._texts[task["context"]]).core(task["assume"], name)
                if core is not None:
                    cores[name] = core
                    del claims[name]
                    continue
                self._limit(solver, MOST_CONFLICTS)
                found = _checked(solver, [*assume, z3.Not(claims[name])], products)[0]
                self._limit(solver, CONFLICTS_WITH_PRODUCTS)
            match found:
                case "unsat":
                    cores[name] = self._core(solver) if asked is solver else list(task["assume"])
                    del claims[name]
                case "sat":
                    for other in self._false(asked.model(), claims):
                        del claims[other]
                case _:
                    del claims[name]
        return {"result": "sifted", "cores": cores}

    def _limit(self, solver: Any, conflicts: int) -> None:
        solver.set("timeout", self._milliseconds)
        solver.set("max_conflicts", conflicts)

    def _products_of(self, text: str, solver: Any) -> Products | None:
        products = Products(self._z3, solver.assertions()) if MULTIPLIED in text else None
        return products if products is not None and products.multiples else None

    def _asked_otherwise(self, context: str, asserted: list[Any]) -> tuple[str, Any]:
        """By a solver for this question alone: what it may simplify beforehand is often what the other one toils at.
        Where the context names cases, in each of them by itself, and at last in none: what follows in all follows.
        """
        limited = self._z3.With("sat", max_conflicts=AT_ONCE_CONFLICTS)
        found, solver = self._afresh(self._z3.Then(*BEFOREHAND, "bit-blast", limited).solver(), context, asserted)
        cases = [self._z3.Bool(name) for name in self._cases[context]]
        if found != "unknown":
            return found, solver
        if not cases:
            return self._afresh(self._z3.SolverFor("QF_BV"), context, asserted)
        found, solver = "unsat", None
        for case in [*([one] for one in cases), [self._z3.Not(one) for one in cases]]:
            if found == "unsat":
                found, solver = self._asked_in_a_case(context, [*asserted, *case])
        return found, solver

    def _asked_in_a_case(self, context: str, asserted: list[Any]) -> tuple[str, Any]:
        found, solver = "unknown", None
        for tactic, seconds in IN_A_CASE.items():
            if found == "unknown":
                solver = self._z3.Then(*BEFOREHAND, tactic).solver()
                found, solver = self._afresh(solver, context, asserted, seconds)
        return found, solver

    def _afresh(self, solver: Any, context: str, asserted: list[Any], seconds: float | None = None) -> tuple[str, Any]:
        solver.set("timeout", self._milliseconds if seconds is None else int(seconds * 1000))
        solver.from_string(self._texts[context])
        solver.add(asserted)
        return str(solver.check()), solver

    def _core(self, solver: Any) -> list[str]:
        """Of what was assumed, without the claim that was denied."""
        return sorted(str(one) for one in solver.unsat_core() if not self._z3.is_not(one))

    def _false(self, model: Any, claims: dict[str, Any]) -> list[str]:
        z3 = self._z3
        return [name for name, one in claims.items() if z3.is_false(model.eval(one, model_completion=True))]

    def values(self, task: dict[str, Any]) -> dict[str, Any]:
        """Values of constants of a text by itself, with `small` made small one after the other; `chosen` are then as
        they are found at first.
        """
        z3 = self._z3
        solver = z3.SolverFor("QF_BV")
        solver.set("timeout", int(1000 * task["seconds"]))
        solver.from_string(task["text"])
        products = self._products_of(task["text"], solver)
        result = "unknown" if products is None else self._multiplied(solver, products, task["seconds"])
        if result == "unknown":
            result = str(solver.check())
        if result != "sat":
            return {"result": result, "why": solver.reason_unknown() if result == "unknown" else ""}
        model = solver.model()
        # By the assertions: a model leaves out what it has no need of, and a constant that is made anew with another
        # sort would stand for it.
        there = {one.decl().name(): one for one in constants(z3, solver.assertions())}
        chosen = [there[name] for name in task["chosen"] if name in there]
        small = [there[name] for name in task["small"] if name in there and z3.is_bv(there[name])]
        model = self._smaller(solver, model, chosen, small, task["seconds"])
        found: dict[str, bool | int] = {}
        for name, one in there.items():
            value = model.eval(one, model_completion=True)
            if z3.is_bool(value) or z3.is_bv_value(value):
                found[name] = z3.is_true(value) if z3.is_bool(value) else value.as_long()
        return {"result": "sat", "values": found}

    def _smaller(self, found: Any, model: Any, chosen: list[Any], small: list[Any], seconds: float) -> Any:
        """By a solver that knows from the beginning what is chosen: to others the same questions are far harder."""
        z3 = self._z3
        solver = z3.SolverFor("QF_BV")
        solver.set("timeout", int(1000 * seconds))
        solver.add(found.assertions())
        solver.add([one == model.eval(one, model_completion=True) for one in chosen])
        for one in small:
            value = model.eval(one, model_completion=True).as_long()
            for limit in (0, 1, 8, 64, 1024, 1 << 16):
                if limit >> one.size():
                    break  # no number of so few bits is above it
                if value > limit:  # else, as of all arguments of what is not called, nobody has to be asked
                    if str(solver.check(z3.ULE(one, limit))) != "sat":
                        continue
                    model = solver.model()
                solver.add(z3.ULE(one, limit))
                break
        return model

    def _multiplied(self, solver: Any, products: Products, seconds: float) -> str:
        """A model in which one factor of each product is small, which is soon found, if there is one; no model if there
        is none even where of products nothing but their laws is known.
        """
        solver.push()
        solver.add(products.small())
        if str(solver.check()) == "sat":
            return "sat"
        solver.pop()
        abstract = self._z3.SolverFor("QF_BV")
        abstract.set("timeout", int(1000 * seconds))
        abstract.add(products.assertions)
        return "unsat" if _checked(abstract, [], products)[0] == "unsat" else "unknown"


def _checked(solver: Any, assume: list[Any], products: Products | None) -> tuple[str, list[Any]]:
    """What the solver says, once its model breaks no law of products; and the laws that it was told."""
    told: list[Any] = []
    while (found := str(solver.check(assume))) == "sat" and products is not None:
        laws = products.broken_by(solver.model())
        if not laws:
            break
        solver.add(laws)
        told += laws
    return found, told


def main() -> None:
    first = json.loads(sys.stdin.readline())
    limit = int(first["megabytes"]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    contexts = Contexts(first["seconds"])
    tasks = {"load": contexts.load, "refuted": contexts.refuted, "sift": contexts.sift, "values": contexts.values}
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(tasks[task["do"]](task)), flush=True)


if __name__ == "__main__":
    main()
