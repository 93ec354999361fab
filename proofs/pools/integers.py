"""Questions about sums and products of unknown numbers, asked of cvc5 as questions about integers: bit by bit they are
hard, and soon answered where little else is told. So each is asked with more and more of what is assumed.

Nobody has to trust this: what follows so the checker asks again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NAME = re.compile(r"\|([^|]*)\|")
_DEFINED = re.compile(r"\(define-fun \|([^|]*)\| \(\) .*", re.DOTALL)
_NAMING = re.compile(
    r"\(declare-const \|(?:now|other|then|case) \d+\| Bool\)|\(assert \(= \|(?:now|other|then|case) \d+\| .*"
)
SECONDS = 1.5
"""For each way of each question: what is answered at all is in a tenth of that."""
WAYS = ((), (("simplification", "none"),), (("nl-icp", "true"),))
"""Options besides. Where what is equal is put in for each other, products of sums come to be, which may hide what there
is to see, or show it.
"""


@dataclass(frozen=True, slots=True)
class Integers:
    """The text of a context, without the names of its propositions. `names`: of each definition, what it speaks of at
    last; `guard`: what all else that is asserted speaks of.
    """

    text: str
    names: dict[str, frozenset[str]]
    guard: frozenset[str]

    @staticmethod
    def of(text: str) -> Integers:
        lines = [line for line in text.splitlines() if not _NAMING.fullmatch(line)]
        names: dict[str, frozenset[str]] = {}
        guard: set[str] = set()
        for line in lines:
            found = _NAME.findall(line)
            if _DEFINED.fullmatch(line):
                first, *rest = found
                names[first] = frozenset(each for one in rest for each in names.get(one, (one,)))
            elif line.startswith("(assert "):
                guard |= set(found)
        return Integers("\n".join(lines), names, frozenset(guard))

    def core(self, assume: list[str], claim: str) -> list[str] | None:
        """Those of `assume` that the claim was shown to follow from; None if it was not."""
        for told in self._levels(assume, claim):
            if any(self._follows(told, claim, way) for way in WAYS):
                return told
        return None

    def _levels(self, assume: list[str], claim: str) -> Iterator[list[str]]:
        """What is claimed, before; what speaks of nothing else; what speaks of something that the claim or the guard
        speaks of; all.
        """
        about = self.names[_is(claim)]
        near = [one for one in assume if self.names[_is(one)] <= about]
        some = [one for one in assume if self.names[_is(one)] & (about | self.guard)]
        same = [one for one in assume if one.rpartition(" ")[2] == claim.rpartition(" ")[2]]
        asked: list[list[str]] = []
        for told in (same, near, some, assume):
            if told not in asked:
                asked.append(told)
                yield told

    def _follows(self, told: Iterable[str], claim: str, way: tuple[tuple[str, str], ...]) -> bool:
        import cvc5  # type: ignore[import-untyped]

        asserted = [*(f"(assert |{_is(one)}|)" for one in told), f"(assert (not |{_is(claim)}|))"]
        solver = cvc5.Solver(cvc5.TermManager())
        solver.setOption("tlimit-per", str(int(SECONDS * 1000)))
        for option, value in (("solve-bv-as-int", "sum"), *way):
            solver.setOption(option, value)
        parser = cvc5.InputParser(solver)
        text = "\n".join(["(set-logic QF_BV)", self.text, *asserted, "(check-sat)"])
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
        symbols = parser.getSymbolManager()
        said = ""
        while not (command := parser.nextCommand()).isNull():
            said = command.invoke(solver, symbols).strip() or said
        return said == "unsat"


def _is(name: str) -> str:
    """The definition of what has a name."""
    return f"{name} is"
