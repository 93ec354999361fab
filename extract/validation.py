"""Whether a file is valid, asked of wasmtime when our two readers differ (rule P1)."""

from __future__ import annotations

from extract.subject import SubjectFile


def why_invalid(file: SubjectFile) -> str | None:
    """What wasmtime, with every proposal that it has, finds invalid about a core module; None if nothing.

    Components are not asked about.
    """
    if file.data[4:8] != b"\x01\0\0\0":
        return None
    import wasmtime  # slow to load

    config = wasmtime.Config()
    for name in dir(config):
        if name.startswith("wasm_"):
            setattr(config, name, True)
    try:
        wasmtime.Module.validate(wasmtime.Engine(config), bytes(file.data[:]))
    except wasmtime.WasmtimeError as error:
        return " ".join(str(error).split())
    return None
