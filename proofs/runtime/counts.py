"""What the host of a recorded run says of elements, against what it was lent: whether it keeps H5."""

from __future__ import annotations

from proofs.runtime.trace import HostAnswer, RuntimeTrace
from smt_models.host.codes import Codes
from smt_models.host.ends import DELIVERY, RETURN
from smt_models.host.variants import Variant

_COUNT = "n"
"""The argument of a copy: the number of elements lent [CABI stream_copy]."""
_BITS_OF_RESULT = 4


def says_of_more_than_lent(trace: RuntimeTrace, end: Variant) -> bool:
    """Of a run of one end of a stream. Each copy lends anew; an answer, an event, and what a cancel returns say of how
    many elements were copied, `result | progress << 4` [CABI].
    """
    blocked, lent = Codes(end.bits).blocked.value, 0
    for one in (answer for step in trace.steps for answer in step.answers):
        if not isinstance(one, HostAnswer) or one.call not in (end.copy, end.cancel, DELIVERY, RETURN):
            continue
        if one.call == end.copy:
            lent = int(dict(one.arguments)[_COUNT])
        if one.code is not None and one.code != blocked and one.code >> _BITS_OF_RESULT > lent:
            return True
    return False
