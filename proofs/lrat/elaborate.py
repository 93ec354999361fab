"""A solver's proof (DRUP: clauses, each of which follows by unit propagation) with what each step follows from (LRAT).

First all clauses are added, in order, and what follows at once is propagated; then, from the last backwards, each
clause that is needed is derived once more, and the clauses that took part are what it follows from. What is never
needed is left out. Literals that follow for good become clauses of one literal, so that later steps name one clause
for them and not a chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Clause = tuple[int, ...]
Step = tuple[Clause, tuple[int, ...]]
"""A clause, and the numbers of those that it follows from: given ones from 1, then steps."""

Events = Iterable[tuple[bool, Clause]]
"""Whether a clause is added, else deleted."""

_NEVER = 1 << 62


class NotDerived(Exception):
    """The solver's proof does not show what it should."""


def elaborate(given: Sequence[Clause], events: Events) -> list[Step]:
    """Ends with the empty clause. Raises NotDerived."""
    state = _State(max((abs(literal) for clause in given for literal in clause), default=0))
    state.begin(given)
    for added, clause in events:
        if state.ended is not None:
            break
        if added:
            state.lemma(clause)
        else:
            state.delete(clause)
    if state.ended is None:
        raise NotDerived("it does not end with a contradiction")
    needed = state.needed(len(given))
    numbers = {old: len(given) + place for place, old in enumerate(sorted(needed), 1)}
    return [(state.texts[old], tuple(numbers.get(hint, hint) for hint in needed[old])) for old in sorted(needed)]


class _State:
    """Clauses by number, from 1. What is by literal is a list whose end is of the negative ones."""

    def __init__(self, most: int) -> None:
        self.ended: int | None = None
        """The number of the empty clause."""
        self.texts: list[Clause] = [()]
        self._clauses: list[list[int]] = [[]]
        self._death: list[int] = [0]
        """By clause: the number of the next one when it was deleted."""
        self._true = [False] * (2 * most + 1)
        self._reason = [0] * (2 * most + 1)
        """By literal that holds: the clause that it follows from; 0: assumed."""
        self._watches: list[list[int]] = [[] for _ in range(2 * most + 1)]
        self._trail: list[int] = []
        self._at_once: dict[int, tuple[int, ...]] = {}
        """What clauses of one literal, and the empty clause, follow from, that were found by propagating for good."""
        self._before: dict[int, int] = {}
        """By lemma: how long the trail was before it."""
        self._same: dict[Clause, list[int]] = {}

    # Forwards

    def begin(self, given: Sequence[Clause]) -> None:
        """The given clauses, all of them before anything is propagated, so that numbers are theirs."""
        for clause in given:
            self._new(clause)
        for number in range(1, len(given) + 1):
            if self.ended is None and len(self._clauses[number]) <= 1:
                self._small(number)
        if self.ended is None:
            self._settle(0)

    def lemma(self, clause: Clause) -> None:
        self._before[len(self.texts)] = len(self._trail)
        number = self._new(clause)
        literals, true = self._clauses[number], self._true
        literals.sort(key=lambda literal: true[-literal])  # those that are not false come first
        if len(literals) > 1 and not true[-literals[1]]:
            return  # neither of the two that are watched is false
        start = len(self._trail)
        self._small(number)
        if self.ended is None:
            self._settle(start)

    def _small(self, number: int) -> None:
        """A clause of which at most one literal is not false."""
        literals = self._clauses[number]
        if not literals or self._true[-literals[0]]:
            self._end(number)
        elif not self._true[literals[0]]:
            self._hold(literals[0], number)

    def delete(self, clause: Clause) -> None:
        same = self._same.get(tuple(sorted(clause)))
        if same:
            self._death[same.pop()] = len(self.texts)

    def _new(self, clause: Clause) -> int:
        number = len(self.texts)
        literals = list(dict.fromkeys(clause))
        self.texts.append(tuple(literals))
        self._clauses.append(literals)
        self._death.append(_NEVER)
        self._same.setdefault(tuple(sorted(clause)), []).append(number)
        if len(literals) > 1:
            self._watches[literals[0]].append(number)
            self._watches[literals[1]].append(number)
        return number

    def _settle(self, start: int) -> None:
        """Propagates for good."""
        conflict = self._propagate(start, len(self.texts), for_good=True)
        if conflict:
            self._end(conflict)

    def _hold(self, literal: int, clause: int) -> None:
        """For good: with a clause of its own, unless it has one."""
        others = [one for one in self.texts[clause] if one != literal]
        if others:
            hints = (*(self._reason[-one] for one in others), clause)
            clause = self._new((literal,))
            self._at_once[clause] = tuple(hints)
        self._true[literal] = True
        self._reason[literal] = clause
        self._trail.append(literal)

    def _end(self, conflict: int) -> None:
        self.ended = number = self._new(())
        self._at_once[number] = (*(self._reason[-one] for one in self.texts[conflict]), conflict)

    def _propagate(self, start: int, limit: int, for_good: bool) -> int:
        """The number of a clause that is false, or 0. `limit`: what is numbered so or higher is not there yet."""
        true, watches, clauses, death, trail = self._true, self._watches, self._clauses, self._death, self._trail
        at = start
        while at < len(trail):
            false = -trail[at]
            at += 1
            watched = watches[false]
            watches[false] = kept = []
            for place, number in enumerate(watched):
                literals = clauses[number]
                if literals[0] == false:
                    literals[0], literals[1] = literals[1], false
                first = literals[0]
                if true[first] or number >= limit or death[number] <= limit:
                    kept.append(number)
                    continue
                for other in range(2, len(literals)):
                    literal = literals[other]
                    if not true[-literal]:
                        literals[1], literals[other] = literal, false
                        watches[literal].append(number)
                        break
                else:
                    kept.append(number)
                    if true[-first]:
                        kept.extend(watched[place + 1 :])
                        return number
                    if for_good:
                        self._hold(first, number)
                        limit = len(self.texts)
                    else:
                        true[first] = True
                        self._reason[first] = number
                        trail.append(first)
        return 0

    # Backwards

    def needed(self, given: int) -> dict[int, tuple[int, ...]]:
        """By number of a clause that is needed: what it follows from."""
        assert self.ended is not None
        found: dict[int, tuple[int, ...]] = {}
        wanted = {self.ended}
        for number in range(self.ended, given, -1):
            if number in wanted:
                found[number] = self._at_once.get(number) or self._derived(number)
                wanted.update(found[number])
        return found

    def _derived(self, number: int) -> tuple[int, ...]:
        """What a lemma follows from: with all its literals false, a clause before it becomes false."""
        self._cut(self._before[number])
        start = len(self._trail)
        for literal in self.texts[number]:
            if self._true[literal]:
                self._cut(start)
                return (self._reason[literal],)
            if not self._true[-literal]:
                self._true[-literal] = True
                self._reason[-literal] = 0
                self._trail.append(-literal)
        conflict = self._propagate(start, number, for_good=False)
        if not conflict:
            raise NotDerived(f"a clause of {len(self.texts[number])} literals does not follow")
        hints = self._what_led_to(conflict, number, start)
        self._cut(start)
        return hints

    def _what_led_to(self, conflict: int, lemma: int, start: int) -> tuple[int, ...]:
        assumed = {-literal for literal in self.texts[lemma]}
        wanted = {-literal for literal in self.texts[conflict]}
        later: list[int] = [conflict]
        for place in range(len(self._trail) - 1, start - 1, -1):
            literal = self._trail[place]
            if literal in wanted and literal not in assumed:
                later.append(self._reason[literal])
                wanted.update(-other for other in self.texts[self._reason[literal]] if other != literal)
                wanted.discard(literal)
        return (*sorted({self._reason[literal] for literal in wanted - assumed}), *reversed(later))

    def _cut(self, length: int) -> None:
        while len(self._trail) > length:
            self._true[self._trail.pop()] = False
