"""The one way in which a certificate or its subject fails: `Refused`, with what and where."""

from __future__ import annotations


class Refused(Exception):
    """The certificate does not prove its claim of this subject; the message names what and where."""


class NotDecided(Exception):
    """Nobody is at hand to say whether the certificate proves its claim; all that could be checked without is right."""


class Malformed(Refused):
    """The subject cannot be decoded, or holds what this decoder does not know."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"subject, offset {offset:#x}: {message}")
