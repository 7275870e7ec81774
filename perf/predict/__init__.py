"""What a suite would take with other numbers of jobs, shards or builders, from the records of its own runs.

It imports the contracts only; the command gives it the folders of runs.
"""
