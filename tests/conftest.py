"""What holds for all tests."""

from __future__ import annotations

from proofmark.collector import collect_seldom


def pytest_configure() -> None:
    """As in every process of the program."""
    collect_seldom()
