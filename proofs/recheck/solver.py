"""What answers queries, in a process of its own, a line of JSON for each: a solver may crash or eat memory, and that is
no answer. It is run by its path, with nothing but the library and the solver: the checker's own modules are not loaded.
"""

from __future__ import annotations

import json
import sys

MALFORMED = "malformed: "
"""Begins the answer to what is no query, and will never be decided."""


def main(megabytes: int) -> None:
    """One answer for each list of queries, with the seconds that one may take: the first that is not `unsat`, if there
    is one.
    """
    import resource  # not there on every system on which this module is loaded

    _, most = resource.getrlimit(resource.RLIMIT_AS)  # who started the checker may have set less
    limit = megabytes * 1024 * 1024
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for line in sys.stdin:
        number, seconds, texts = json.loads(line)
        answers = (_answer(text, seconds) for text in texts)
        print(json.dumps([number, next((one for one in answers if one != "unsat"), "unsat")]), flush=True)


def _answer(text: str, seconds: int) -> str:
    """What a new solver says: of several questions, the first that is not `unsat`."""
    import cvc5  # type: ignore[import-untyped]

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(seconds * 1000))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols = parser.getSymbolManager()
    said = ""
    try:
        while not (command := parser.nextCommand()).isNull():
            said = command.invoke(solver, symbols).strip() or said
            if said not in ("", "unsat"):
                return said
    except RuntimeError as fault:  # of its parser, as of a term that is not of the sort it has to be
        return f"{MALFORMED}{fault}"
    return said


if __name__ == "__main__":
    main(int(sys.argv[1]))
