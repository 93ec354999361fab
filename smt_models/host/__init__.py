"""The host of the canonical ABI as guarded transition systems: rule pack `host-rules/1`, docs/host-model.md."""
