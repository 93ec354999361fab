"""Guarded transition systems as data: terms, systems, their SMT-LIB text, and their concrete evaluation."""
