"""Named limits on MIR text; over one of them the answer is an error that names it."""

MAX_FILE_BYTES = 1 << 28
MAX_LINE_CHARACTERS = 1 << 20
MAX_NESTING = 60  # of types, places and constants in one line; the deepest seen in real crates is 14
MAX_BLOCKS = 1_000_000
MAX_LOCALS = 1_000_000
