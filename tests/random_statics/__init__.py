"""Random crates with static pools, run natively with checks of their own, to be compared with what is proved of them."""
