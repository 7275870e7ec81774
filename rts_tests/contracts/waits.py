"""What a unit may wait for before it starts, as its record says it."""

SLOTS = "slots"
MEMORY = "memory"
EXCLUSIVE = "an exclusive unit"
LOCK = "the lock "
"""The name of the lock follows."""
