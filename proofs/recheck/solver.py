"""What answers one query, in a process of its own: a solver may crash or eat memory, and that is no answer."""

from __future__ import annotations

import json
import resource
import sys


def main() -> None:
    task = json.load(sys.stdin)
    limit = int(task["megabytes"]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    answers = [_answer(text, int(task["seconds"])) for text in task["texts"]]
    print(next((one for one in answers if one != "unsat"), "unsat" if answers else "nothing was asked"))


def _answer(text: str, seconds: int) -> str:
    """What a new solver says."""
    import cvc5  # type: ignore[import-untyped]

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(seconds * 1000))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols = parser.getSymbolManager()
    said = ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, symbols)
    return said.strip()


if __name__ == "__main__":
    main()
