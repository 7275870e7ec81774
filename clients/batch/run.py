"""Runs tests; batch.py says which and how. Python keeps modules compiled, but no script: so this one is short.

No module here imports what is slow to import, such as dataclasses, unless a test needs it: this starts once a unit.
"""

import sys

from batch import main

sys.exit(main(sys.argv[1:]))
