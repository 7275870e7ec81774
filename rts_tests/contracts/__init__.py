"""What the stages hand each other: words, file formats, one error type.

May import nothing of ours.
"""
