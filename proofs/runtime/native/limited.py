"""Runs a program under limits: `limited.py MEGABYTES SECONDS PROGRAM`. By its path, with nothing but the library."""

import os
import resource
import sys

if __name__ == "__main__":
    megabytes, seconds, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for what, limit in (
        (resource.RLIMIT_AS, megabytes << 20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    os.execv(program, [program])
