"""One run's event loop: make, its units, and whoever watches.

May import `unit`, `limits`, `make`, `state` and what these may.
"""
