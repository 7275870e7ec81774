"""What a run shows while its units run: plain lines, or a live view; as units end, or in the plan's order.

May import `supervise`, for the protocol that views implement, and what that may.
"""
