"""What can be run: files of WebAssembly, pools in them, operations of runtimes, statics and buffers of crates."""

from __future__ import annotations

from proofmark.buffers_job import BuffersJob
from proofmark.job import Job
from proofmark.pool_job import PoolJob
from proofmark.runtime_job import RuntimeJob
from proofmark.statics_job import StaticsJob

AnyJob = Job | PoolJob | RuntimeJob | StaticsJob | BuffersJob
