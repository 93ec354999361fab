"""Named limits on the input; over one of them the answer is an error that names it.

Those of the WebAssembly JavaScript interface (section "Implementation-defined limits") where it states
one, as engines take them for the least they accept; generous multiples elsewhere.
"""

MAX_MODULE_BYTES = 1 << 30
MAX_TYPES = 1_000_000
MAX_FUNCTIONS = 1_000_000
MAX_IMPORTS = 1_000_000
MAX_EXPORTS = 1_000_000
MAX_GLOBALS = 1_000_000
MAX_TABLES = 100_000
MAX_MEMORIES = 100
MAX_TAGS = 1_000_000
MAX_DATA_SEGMENTS = 100_000
MAX_ELEMENT_SEGMENTS = 10_000_000
MAX_ELEMENTS = 10_000_000
MAX_PARAMETERS = 1_000
MAX_RESULTS = 1_000
MAX_FIELDS = 10_000
MAX_SUPERTYPES = 1
MAX_SUBTYPE_DEPTH = 63
MAX_LOCALS = 50_000
MAX_FUNCTION_BYTES = 7_654_321
MAX_BRANCH_LABELS = 7_654_321
MAX_NAME_BYTES = 100_000
MAX_CONSTANT_INSTRUCTIONS = 100_000
MAX_COMPONENT_NESTING = 100
MAX_COMPONENT_ITEMS = 1_000_000
MAX_CANON_OPTIONS = 10
MAX_EVALUATED_BYTES = 1 << 24  # of definitions and names, counted anew at each instantiation
MAX_INSTANCES = 10_000
MAX_TYPE_DEPTH = 100
