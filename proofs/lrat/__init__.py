"""Makes propositional proofs for the checker: its clauses, a SAT solver's answer, and that answer as LRAT."""
