"""One run's event loop: make, its units, and the interface of views.

May import `unit`, `limits`, `make`, `state` and what these may.
"""
