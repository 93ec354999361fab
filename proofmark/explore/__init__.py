"""What `proofmark explore` opens, and the faces that show it."""
