"""Whether something listens on a TCP port of this machine, without a connection, which a server would notice.

Linux lists its sockets in /proc/net/tcp and /proc/net/tcp6; see proc_pid_net(5). Elsewhere a connection is made.
"""

import socket

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTEN = b"0A"
_CONNECT_S = 0.2


def listens(port: int) -> bool:
    """Whether a process listens on the port, on any address."""
    suffix = b":%04X" % port
    known = False
    for table in _TABLES:
        try:
            with open(table, "rb") as file:
                lines = file.read().splitlines()
        except OSError:
            continue
        known = True
        for line in lines[1:]:
            words = line.split(None, 4)
            if words[3] == _LISTEN and words[1].endswith(suffix):
                return True
    return not known and _connects(port)


def _connects(port: int) -> bool:
    for address in ("127.0.0.1", "::1"):
        try:
            socket.create_connection((address, port), _CONNECT_S).close()
        except OSError:
            continue
        return True
    return False
