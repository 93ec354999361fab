"""The version of this tool, without the cost of asking the installer's metadata; a test holds it to pyproject.toml."""

VERSION = "0.1.0"
