"""What `longpole scenario` does: from its words to scenarios, from these to a plan, and to a run or a dialogue.

May import all of Longpole.
"""
