"""unpack-wheel.py WHEEL FOLDER: what is in a wheel, with the modes that it has there, which `zipfile -e` forgets."""

import sys
import zipfile
from pathlib import Path

with zipfile.ZipFile(sys.argv[1]) as wheel:
    for member in wheel.infolist():
        path = Path(wheel.extract(member, sys.argv[2]))
        if member.external_attr >> 16 & 0o111 and path.is_file():
            path.chmod(0o755)
