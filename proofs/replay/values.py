"""Numbers worth passing."""

from __future__ import annotations

BOUNDARY = (0, 1, 2, 3, 4, 8, 16, 64, 255, 1024, 4096, 65535, 65536, 1 << 20, -1, -8, (1 << 31) - 1, -(1 << 31))
SIZES = (2, 3, 1, 8, 5, 16, 64, 100, 1000, 4096, 5000, 65000, 65536, 65537, 200_000, 1 << 20, 1 << 22, 1 << 24)
ALIGNMENTS = (1, 2, 4, 8, 16, 3, 0)


def signed(value: int, bits: int) -> int:
    """`value` as a two's complement number of so many bits."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value
