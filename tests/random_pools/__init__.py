"""An attack on verdicts about pools in modules: right allocators with small random changes, run and asked about."""
