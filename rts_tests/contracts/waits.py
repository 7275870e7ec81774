"""What a unit may wait for before it starts: the values of a record's `waited_for`."""

SLOTS = "slots"
MEMORY = "memory"
EXCLUSIVE = "an exclusive unit"
LOCK = "the lock "
"""The name of the lock follows."""
