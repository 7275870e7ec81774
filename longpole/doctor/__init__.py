"""What `longpole doctor` looks at: the machine, the programs that Longpole calls, the suite, and the folder of runs.

May import all of Longpole.
"""
