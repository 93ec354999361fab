"""What a module's DWARF says of its variables."""
