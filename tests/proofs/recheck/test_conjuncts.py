"""Conjuncts of an invariant, each with what it needs to be read by itself."""

from __future__ import annotations

from proofs.recheck.conjuncts import conjuncts


def test_each_has_the_lets_that_it_needs_and_no_other() -> None:
    first, second, third = conjuncts("(let ((?0 (not |a|))) (let ((?1 (= |b| |c|))) (and (or ?0 |d|) ?1 |e|)))")
    assert first.text == "(let ((?0 (not |a|))) (or ?0 |d|))"
    assert second.text == "(let ((?1 (= |b| |c|))) ?1)"
    assert third.text == "|e|"
    assert {"a", "d"} <= first.names
    assert "b" not in first.names
    assert {"b", "c"} <= second.names


def test_a_let_that_another_needs_is_kept_with_it() -> None:
    (one, _) = conjuncts("(let ((?0 (not |a|))) (let ((?1 (not ?0))) (and ?1 |b|)))")
    assert one.text == "(let ((?0 (not |a|))) (let ((?1 (not ?0))) ?1))"
    assert "a" in one.names


def test_a_name_bound_twice_keeps_both() -> None:
    (one, _) = conjuncts("(let ((?0 |a|)) (let ((?0 (not ?0))) (and ?0 |b|)))")
    assert one.text == "(let ((?0 |a|)) (let ((?0 (not ?0))) ?0))"
    assert "a" in one.names


def test_what_is_no_conjunction_is_its_own() -> None:
    (one,) = conjuncts("(or |a| |b|)")
    assert one.text == "(or |a| |b|)"
    assert {"a", "b"} <= one.names


def test_many_lets_around_few_conjuncts_are_copied_once() -> None:
    """Put together head by head this would copy thousands of millions of characters."""
    many = 30_000
    lets = "".join(f"(let ((?{one} (not {f'?{one - 1}' if one else '|a|'}))) " for one in range(many))
    first, second = conjuncts(f"{lets}(and ?{many - 1} |b|){')' * many}")
    assert first.text == f"{lets}?{many - 1}{')' * many}"
    assert second.text == "|b|"
