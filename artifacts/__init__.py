"""Verdicts to files, for people and machines."""
