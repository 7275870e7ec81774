"""What a unit told about the tests that it ran, from its output or its files.

May import `contracts`.
"""
