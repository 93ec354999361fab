"""What WebAssembly functions do, as terms."""
