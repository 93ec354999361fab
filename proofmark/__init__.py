"""The face: command line, manifest, one run."""
