"""Longpole's client for pytest: runs the files it is given, and tells of each in Longpole's protocol.

`python clients/pytest run FILE` loads it; so does `-p longpole_pytest` with this folder's parent in PYTHONPATH, and it
is idle then unless Longpole has started the process. It needs pytest 7 and the standard library, and may import nothing
of Longpole: it runs in the Python of the project under test.
"""

pytest_plugins = ("longpole_pytest.plugin",)
