"""What can be run: files of WebAssembly, and operations of runtimes."""

from __future__ import annotations

from proofmark.job import Job
from proofmark.runtime_job import RuntimeJob

AnyJob = Job | RuntimeJob
