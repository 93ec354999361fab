"""The independent checker of certificates: it shares no code with what made them, and needs no solver.

It implements `docs/call-graph.md` and `docs/certificate.md` from those pages alone, with the standard library alone.
"""

from proofs.recheck.answer import Accepted, Answer, NotChecked, Rejected
from proofs.recheck.check import find_subject, recheck, recheck_carried, recheck_file
from proofs.recheck.solver_process import Session

__all__ = [
    "Accepted",
    "Answer",
    "NotChecked",
    "Rejected",
    "Session",
    "find_subject",
    "recheck",
    "recheck_carried",
    "recheck_file",
]
