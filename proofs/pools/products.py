"""Products of two unknown numbers, which solvers toil at bit by bit: each becomes a number of its own, of which no more
is said than a question needs.

What is said are instances of four laws, for products of numbers of `n` bits, `2n` bits wide, so that nothing wraps:
with equal factors `s`, `a = b` gives `a*s = b*s`; `b = a + 1` gives `b*s = a*s + s`; `a < b` gives `a*s + s <= b*s`;
`c = a + b` gives `c*s = a*s + b*s`. They are chosen by models that break them, the last where no other is
broken. What follows so follows of products; a model may still be none of products.
Nobody has to trust this: what it finds the checker asks again, of products as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, pairwise
from typing import Any

SMALL = 15
SUMS = 4
"""Instances of the law of sums that are told at once: of most triples nothing is asked."""


@dataclass(frozen=True, slots=True)
class Multiple:
    """So many times a number; terms of z3. `product` is twice as wide."""

    count: Any
    of: Any
    product: Any


class Products:
    """Assertions in which `multiples` stand for products."""

    def __init__(self, z3: Any, assertions: list[Any]) -> None:
        self._z3 = z3
        self._known: dict[int, Any] = {}
        self._made: dict[tuple[int, int], Any] = {}
        self._factors: list[tuple[Any, Any]] = []
        self.multiples: list[Multiple] = []
        self.assertions = [self._rewritten(one) for one in assertions]
        for of in {one.of.get_id(): one.of for one in self.multiples}.values():
            self.multiples += self.ends(of)

    def ends(self, of: Any) -> Iterator[Multiple]:
        """No times, and as often as can be: whatever else is between them."""
        z3, width = self._z3, of.size()
        yield Multiple(z3.BitVecVal(0, width), of, z3.BitVecVal(0, 2 * width))
        most = z3.Concat(of, z3.BitVecVal(0, width)) - z3.ZeroExt(width, of)
        yield Multiple(z3.BitVecVal(-1, width), of, most)

    def _rewritten(self, whole: Any) -> Any:
        waiting = [whole]
        while waiting:
            term = waiting[-1]
            parts = term.children()
            later = [one for one in parts if one.get_id() not in self._known]
            if later:
                waiting += later
                continue
            waiting.pop()
            if term.get_id() not in self._known:
                self._known[term.get_id()] = self._one(term, parts)
        return self._known[whole.get_id()]

    def _one(self, term: Any, parts: list[Any]) -> Any:
        z3 = self._z3
        new = [self._known[one.get_id()] for one in parts]
        if z3.is_app_of(term, z3.Z3_OP_BMUL) and len(new) == 2 and not any(map(z3.is_bv_value, new)):
            factors = [self._widened(one) for one in new]
            if None not in factors:
                return self._product(*factors)
            if term.size() <= 32:
                return z3.Extract(term.size() - 1, 0, self._product(*new))
        if all(one.eq(other) for one, other in zip(parts, new, strict=True)):
            return term
        return term.decl()(*new)

    def _widened(self, term: Any) -> Any | None:
        """The half of a number that is something, if the other is nothing."""
        if self._z3.is_app_of(term, self._z3.Z3_OP_ZERO_EXT) and 2 * term.arg(0).size() == term.size():
            return term.arg(0)
        return None

    def _product(self, left: Any, right: Any) -> Any:
        key = (min(left.get_id(), right.get_id()), max(left.get_id(), right.get_id()))
        if key not in self._made:
            self._made[key] = product = self._z3.FreshConst(self._z3.BitVecSort(2 * left.size()), "product")
            self._factors.append((left, right))
            self.multiples += [Multiple(left, right, product), Multiple(right, left, product)]
        return self._made[key]

    def broken_by(self, model: Any) -> list[Any]:
        """Instances of the laws that are false in the model."""
        alike: dict[tuple[int, int], list[tuple[int, int, int, Multiple]]] = {}
        for place, one in enumerate(self.multiples):
            count, of, product = (
                model.eval(term, model_completion=True).as_long() for term in (one.count, one.of, one.product)
            )
            alike.setdefault((one.of.size(), of), []).append((count, product, place, one))
        broken = [
            self.law(low, high)
            for (_, of), found in alike.items()
            for (count, product, _, low), (next_count, next_product, _, high) in pairwise(sorted(found))
            if _breaks(next_count - count, next_product - product, of)
        ]
        sums = (three for found in alike.values() for three in _sums_broken(found))
        return broken or [self.law_of_sums(*three) for three in islice(sums, SUMS)]

    def small(self) -> list[Any]:
        """That one factor of each is."""
        z3 = self._z3
        return [z3.Or(z3.ULE(left, SMALL), z3.ULE(right, SMALL)) for left, right in self._factors]

    def law(self, low: Multiple, high: Multiple) -> Any:
        """What holds of both whatever their numbers are."""
        z3 = self._z3
        of = z3.ZeroExt(low.of.size(), low.of)
        by_one = z3.ZeroExt(1, low.count) + 1 == z3.ZeroExt(1, high.count)
        same, more = low.count == high.count, z3.ULT(low.count, high.count)
        laws = z3.And(
            z3.Implies(same, low.product == high.product),
            z3.Implies(by_one, high.product == low.product + of),
            z3.Implies(more, z3.And(z3.ULE(of, high.product), z3.ULE(low.product, high.product - of))),
        )
        return z3.Implies(low.of == high.of, laws)

    def law_of_sums(self, one: Multiple, other: Multiple, whole: Multiple) -> Any:
        """What holds of all three whatever their numbers are."""
        z3 = self._z3
        alike = z3.And(one.of == whole.of, other.of == whole.of)
        together = z3.ZeroExt(1, one.count) + z3.ZeroExt(1, other.count) == z3.ZeroExt(1, whole.count)
        return z3.Implies(z3.And(alike, together), whole.product == one.product + other.product)


def _sums_broken(found: list[tuple[int, int, int, Multiple]]) -> Iterator[tuple[Multiple, Multiple, Multiple]]:
    """Of products that keep the other laws: two, and one of as many as both together, which is not their sum."""
    by_count = {count: (product, one) for count, product, _, one in found}
    for (count, (product, one)), (other_count, (other_product, other)) in combinations(by_count.items(), 2):
        whole = by_count.get(count + other_count)
        if whole is not None and count and other_count and whole[0] != product + other_product:
            yield one, other, whole[1]


def _breaks(counts: int, products: int, of: int) -> bool:
    """Of two products the difference, where their counts differ by so much."""
    return products < of if counts > 1 else products != counts * of
