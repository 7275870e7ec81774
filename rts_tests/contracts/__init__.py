"""What the stages pass to each other: shared types, file formats, one error type.

May import no other room.
"""
