"""A circuit of gates, each made once, and its clauses: what a formula over bits says, for proofs without any theory.

A literal is a number that is not 0; `-x` is the negation of `x`. Variable 1 is true. The numbering depends on the order
in which gates are made and on nothing else, so that a proof speaks of the same variables wherever it is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proofs.recheck.faults import Refused

TRUE, FALSE = 1, -1
MOST_VARIABLES = 4_000_000
MOST_WORK = 1 << 28
"""Bits that operators take."""

Clause = tuple[int, ...]


class Circuit:
    """Grows: inputs and gates are numbered as they are made. Raises `Refused` when there are too many."""

    def __init__(self) -> None:
        self._gates: dict[tuple[object, ...], int] = {}
        self._clauses: list[tuple[Clause, ...]] = [(), ((TRUE,),)]
        """By variable; those of its gate."""
        self._uses: list[tuple[int, ...]] = [(), ()]
        """By variable: what its gate's clauses speak of besides."""
        self._spent = 0

    def spend(self, work: int) -> None:
        """Before anything that takes long without making gates. Raises `Refused`."""
        self._spent += work
        if self._spent > MOST_WORK:
            raise Refused(f"bits: more than {MOST_WORK} bits are computed with")

    def input(self) -> int:
        return self._new((), ())

    def _new(self, clauses: tuple[Clause, ...], uses: tuple[int, ...]) -> int:
        number = len(self._clauses)
        if number > MOST_VARIABLES:
            raise Refused(f"bits: more than {MOST_VARIABLES} gates")
        self._clauses.append(clauses)
        self._uses.append(uses)
        return number

    def size(self) -> tuple[int, int]:
        return len(self._clauses), len(self._gates)

    def back_to(self, size: tuple[int, int]) -> None:
        """As it was when it had this size: what was made since is forgotten."""
        variables, gates = size
        while len(self._gates) > gates:
            self._gates.popitem()  # the last one
        del self._clauses[variables:], self._uses[variables:]

    # Gates

    def conjunction(self, parts: Iterable[int]) -> int:
        kept = set(parts)
        kept.discard(TRUE)
        if FALSE in kept or any(-one in kept for one in kept):
            return FALSE
        if not kept:
            return TRUE
        inputs = tuple(sorted(kept))
        if len(inputs) == 1:
            return inputs[0]
        made = self._gates.get(("and", inputs))
        if made is None:
            gate = len(self._clauses)
            each = tuple((-gate, one) for one in inputs)
            made = self._new((*each, (gate, *(-one for one in inputs))), inputs)
            self._gates["and", inputs] = made
        return made

    def disjunction(self, parts: Iterable[int]) -> int:
        return -self.conjunction([-one for one in parts])

    def exclusive(self, left: int, right: int) -> int:
        """Whether they differ. The gate is of variables; signs go to its output."""
        sign = 1 if (left > 0) == (right > 0) else -1
        a, b = sorted((abs(left), abs(right)))
        if a == b:
            return sign * FALSE
        if a == TRUE:
            return sign * -b
        made = self._gates.get(("xor", a, b))
        if made is None:
            gate = len(self._clauses)
            made = self._new(((-gate, a, b), (-gate, -a, -b), (gate, -a, b), (gate, a, -b)), (a, b))
            self._gates["xor", a, b] = made
        return sign * made

    def choice(self, condition: int, then: int, otherwise: int) -> int:
        if condition < 0:
            condition, then, otherwise = -condition, otherwise, then
        if condition == TRUE or then == otherwise:
            return then
        if then == -otherwise:
            return self.exclusive(condition, otherwise)
        if then in (TRUE, condition):
            return self.disjunction((condition, otherwise))
        if then in (FALSE, -condition):
            return self.conjunction((-condition, otherwise))
        if otherwise in (TRUE, -condition):
            return self.disjunction((-condition, then))
        if otherwise in (FALSE, condition):
            return self.conjunction((condition, then))
        if then < 0:
            return -self.choice(condition, -then, -otherwise)
        made = self._gates.get(("ite", condition, then, otherwise))
        if made is None:
            gate = len(self._clauses)
            c, t, o = condition, then, otherwise
            clauses = ((-gate, -c, t), (gate, -c, -t), (-gate, c, o), (gate, c, -o), (-gate, t, o), (gate, -t, -o))
            made = self._new(clauses, (c, t, o))
            self._gates["ite", condition, then, otherwise] = made
        return made

    def majority(self, one: int, two: int, three: int) -> int:
        """Whether two of them hold: the carry of three bits."""
        a, b, c = sorted((one, two, three), key=lambda literal: (abs(literal), literal))
        for left, right, other in ((a, b, c), (b, c, a)):
            if left == right:
                return left
            if left == -right:
                return other
        if a == TRUE:
            return self.disjunction((b, c))
        if a == FALSE:
            return self.conjunction((b, c))
        if a < 0:
            return -self.majority(-a, -b, -c)
        made = self._gates.get(("maj", a, b, c))
        if made is None:
            gate = len(self._clauses)
            clauses = ((-gate, a, b), (-gate, a, c), (-gate, b, c), (gate, -a, -b), (gate, -a, -c), (gate, -b, -c))
            made = self._new(clauses, (a, b, c))
            self._gates["maj", a, b, c] = made
        return made

    # Clauses

    def clauses(self, demanded: Sequence[int]) -> list[Clause]:
        """That all of these hold: clauses of the gates that they come from, in order, and then theirs. Variables are
        numbered anew, without gaps.
        """
        needed = {TRUE}
        waiting = [abs(one) for one in demanded]
        while waiting:
            variable = waiting.pop()
            if variable not in needed:
                needed.add(variable)
                waiting.extend(abs(one) for one in self._uses[variable])
        found = [clause for variable in sorted(needed) for clause in self._clauses[variable]]
        numbers = {variable: place for place, variable in enumerate(sorted(needed), 1)}
        numbers |= {-variable: -place for variable, place in numbers.items()}
        return [tuple([numbers[one] for one in clause]) for clause in (*found, *((one,) for one in demanded))]
