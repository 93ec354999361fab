"""What stands of a proof when one of the things that it rests on is dropped."""
