"""The replay kit: one archive that checks on a machine with Python alone."""
