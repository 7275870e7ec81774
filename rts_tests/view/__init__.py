"""What a run shows while its units run: plain lines, or a live view; as units end, or in the plan's order."""
