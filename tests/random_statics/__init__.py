"""Random crates with static pools, run with checks of their own, and compared with what is proved."""
