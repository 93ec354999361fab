"""What answers queries, in a process of its own, a line of JSON for each: a solver may crash or eat memory, and that is
no answer. It is run by its path, with nothing but the library and the solvers: the checker's own modules are not
loaded.

Where Bitwuzla is installed it is asked first, as it is several times as quick. What it does not call `unsat`, for
whatever reason, is asked of cvc5, as if nobody had been asked before.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import BinaryIO

MALFORMED = "malformed: "
"""Begins the answer to what is no query, and will never be decided."""
ALONE = "alone"
"""Given as an argument, for cvc5 alone to be asked."""
SHARE = 4
"""Bitwuzla has one in so many of a query's seconds, which are not taken from those of cvc5."""
LEAST_MILLISECONDS = 100
_QUESTION = "(check-sat"
_INCREMENTAL = "(set-option :incremental true)\n"
"""Any other option is cvc5's own, and so is what is asked with it."""


def main(megabytes: int, alone: bool) -> None:
    """One answer for each list of queries, with the seconds that one may take: the first that is not `unsat`, if there
    is one.
    """
    import resource  # not there on every system on which this module is loaded

    _, most = resource.getrlimit(resource.RLIMIT_AS)  # who started the checker may have set less
    limit = megabytes * 1024 * 1024
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with os.fdopen(os.dup(1), "w") as answered, tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)  # what a solver prints is no answer of this process
        for line in sys.stdin:
            number, seconds, texts = json.loads(line)
            answers = (_answer(text, seconds, None if alone else printed) for text in texts)
            print(json.dumps([number, next((one for one in answers if one != "unsat"), "unsat")]), file=answered)
            answered.flush()


def _answer(text: str, seconds: int, printed: BinaryIO | None) -> str:
    """What a new solver says: of several questions, the first that is not `unsat`."""
    return "unsat" if printed is not None and _soon_refuted(text, seconds, printed) else _by_cvc5(text, seconds)


def _soon_refuted(text: str, seconds: int, printed: BinaryIO) -> bool:
    """Whether a new Bitwuzla says `unsat` to each question of the text. It prints that, to what is now the standard
    output: nothing else may stand there, and nothing may be missing.
    """
    if "(set-option" in text.removeprefix(_INCREMENTAL):
        return False
    try:
        import bitwuzla  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return False
    asked = text.count(_QUESTION)
    options = bitwuzla.Options()
    options.set(bitwuzla.Option.TIME_LIMIT_PER, max(LEAST_MILLISECONDS, 1000 * seconds // (SHARE * max(1, asked))))
    printed.seek(0)
    printed.truncate()
    try:
        bitwuzla.Parser(bitwuzla.TermManager(), options).parse(text, False, False)
    except bitwuzla.BitwuzlaException:  # its parser is stricter: cvc5 says what is malformed
        return False
    printed.seek(0)
    return asked > 0 and printed.read().split(b"\n") == [*[b"unsat"] * asked, b""]


def _by_cvc5(text: str, seconds: int) -> str:
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
    main(int(sys.argv[1]), alone=ALONE in sys.argv[2:])
