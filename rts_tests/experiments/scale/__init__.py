"""`longpole bench scale`: how the time of a suite depends on the number of jobs.

May import what `experiments` may.
"""
