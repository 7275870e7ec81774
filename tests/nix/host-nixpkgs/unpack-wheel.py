"""unpack-wheel.py WHEEL FOLDER: what is in a wheel, with the modes that it has there, which `zipfile -e` forgets."""

import sys
import zipfile
from pathlib import Path

LEFT_OUT = "ziglang/lib/libc/"
"""The C libraries that zig can compile for: nine in ten of its files, and nothing here is compiled for one of them."""

with zipfile.ZipFile(sys.argv[1]) as wheel:
    for member in wheel.infolist():
        if member.filename.startswith(LEFT_OUT):
            continue
        path = Path(wheel.extract(member, sys.argv[2]))
        if member.external_attr >> 16 & 0o111 and path.is_file():
            path.chmod(0o755)
