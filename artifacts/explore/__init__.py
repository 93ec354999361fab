"""What someone explores: counterexamples and proofs as one model, for the terminal and for a page."""
