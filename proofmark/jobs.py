"""What can be run: files of WebAssembly, pools in them, and operations of runtimes."""

from __future__ import annotations

from proofmark.job import Job
from proofmark.pool_job import PoolJob
from proofmark.runtime_job import RuntimeJob

AnyJob = Job | PoolJob | RuntimeJob
