"""Lets the tests of this folder find what tests share (`real_modules`, which downloads pinned packages)."""

import sys
from pathlib import Path

_SHARED = str(Path(__file__).resolve().parents[1])
if _SHARED not in sys.path:
    sys.path.append(_SHARED)
