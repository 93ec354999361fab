"""WebAssembly modules and components, read into facts."""
