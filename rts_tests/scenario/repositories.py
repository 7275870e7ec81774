"""The repositories of scenarios: built once a run, then materialised in the sandboxes that need them.

A built repository is kept as an *image*, one small file with all that the bare repository consists of. Materialising it
is reading that file and writing what it holds. So each sandbox has files of its own: hard links would be shared with
every other one, and a program that changes a mode, or writes into an object in its place, would change them all. Only a
large pack is not in the image but beside it; the kernel copies it, by reflink on file systems that have them.
"""

import errno
import fcntl
import hashlib
import marshal
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.scenario import git
from longpole.rts_tests.scenario.commits import Change, changes, identified, is_plain, packed
from longpole.rts_tests.scenario.model import Repository

LARGE_BYTES = 1 << 20
"""Files from here on are copied by the kernel."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_OBJECT = 0o444
_REF = 0o644
_NO_COPY = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.ETXTBSY)
"""How `copy_file_range` fails, by kernel and file system, where it cannot copy."""


@dataclass(frozen=True, slots=True)
class Image:
    """A bare repository: its folders, each after the one that holds it, and its files. Paths are relative.

    A file is its path, its mode, and its content or the name of the file beside the image that has it.
    """

    folders: tuple[str, ...]
    files: tuple[tuple[str, int, bytes | str], ...]


class Store:
    """The images of a run in one folder, which all its processes share; the run removes it.

    An image is found by what it is made of. It is built by the process that needs it first, in its time and with its
    clock; another one that needs it meanwhile waits.
    """

    def __init__(self, folder: str, object_format: str, identity: tuple[str, str]) -> None:
        """`object_format` is `sha1` or `sha256`; `identity` the name and the address of who commits.

        Raises `UseError` if git would not accept the identity, `OSError` if the folder cannot be made.
        """
        if not identified(identity[0]):
            raise UseError.at("identity", "the name is empty", "write the name that commits shall have")
        self._folder = folder
        self._object_format = object_format
        self._identity = identity
        os.makedirs(folder, 0o700, exist_ok=True)

    def materialise(self, repository: Repository, into: str) -> None:
        """Make the bare repository in the new folder `into`.

        Raises `UseError` if git refuses it, and `OSError`, also if there is something at `into`; then a part of the
        repository may be left.
        """
        self._write(self._image(repository), into)

    def _image(self, repository: Repository) -> Image:
        parts = (repository.default_branch, repository.branches, repository.daft_yml, repository.hook_scripts)
        content = repr((self._object_format, self._identity, *parts))
        path = f"{self._folder}/{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
        return _read(path) or self._built_once(path, repository)

    def _built_once(self, path: str, repository: Repository) -> Image:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released with the process, however that ends
            return _read(path) or self._build(path, repository)
        finally:
            os.close(lock)

    def _build(self, path: str, repository: Repository) -> Image:
        """Build the image, and write it to `path`."""
        sequence = tuple(changes(repository))
        if is_plain(sequence):
            skeleton = self._skeleton()
            pack, branches = packed(sequence, self._object_format, self._identity)
            added: list[tuple[str, int, bytes | str]] = []
            if pack is not None:
                added = [
                    (f"objects/pack/pack-{pack.name}.pack", _OBJECT, pack.data),
                    (f"objects/pack/pack-{pack.name}.idx", _OBJECT, pack.index),
                    *((f"refs/heads/{branch}", _REF, f"{head}\n".encode()) for branch, head in branches.items()),
                ]
            image = Image((*skeleton.folders, *_folders_of(branches)), (*skeleton.files, *added))
        else:
            image = self._built_by_git(path, sequence)
        head = f"ref: refs/heads/{repository.default_branch}\n".encode()
        files = tuple((name, mode, head if name == "HEAD" else data) for name, mode, data in image.files)
        return _kept(path, Image(image.folders, files))

    def _skeleton(self) -> Image:
        path = f"{self._folder}/empty-{self._object_format}"
        image = _read(path)
        if image is None:  # several processes may make it at the same time: one is as good as the other
            made = f"{path}.{os.getpid()}"
            try:
                git.empty_repository(made, self._object_format)
                image = _kept(path, _of_folder(made))
            finally:
                remove_tree(made)
        return image

    def _built_by_git(self, path: str, sequence: tuple[Change, ...]) -> Image:
        made = f"{path}.made"
        remove_tree(made)  # that of a process that was killed
        os.mkdir(made, 0o700)
        try:
            bare = f"{made}/bare"
            self._write(self._skeleton(), bare)
            git.commit_all(sequence, bare, f"{made}/work", self._object_format, self._identity)
            return _of_folder(bare)
        finally:
            remove_tree(made)

    def _write(self, image: Image, into: str) -> None:
        os.mkdir(into)
        for folder in image.folders:
            os.mkdir(f"{into}/{folder}")
        for name, mode, data in image.files:
            file = os.open(f"{into}/{name}", _NEW, mode)
            try:
                if isinstance(data, bytes):
                    _write_all(file, data)
                else:
                    _copy(f"{self._folder}/{data}", file)
            finally:
                os.close(file)


def _folders_of(branches: Iterable[str]) -> list[str]:
    """The folders of the branches' files, as `refs/heads/feature`, each after the one that it is in.

    Refs are files as after a push, since a step may look at them.
    """
    folders = {f"refs/heads/{branch[:end]}" for branch in branches for end in range(len(branch)) if branch[end] == "/"}
    return sorted(folders)


def _of_folder(path: str) -> Image:
    """The image of a repository. It has neither links nor names that are not UTF-8."""
    folders: list[str] = []
    files: list[tuple[str, int, bytes | str]] = []
    for folder, below, names in os.walk(path):
        below.sort()
        inside = "" if folder == path else f"{os.path.relpath(folder, path)}/"
        folders.extend(inside + name for name in below)
        for name in sorted(names):
            with open(f"{folder}/{name}", "rb") as file:
                files.append((inside + name, os.fstat(file.fileno()).st_mode & 0o777, file.read()))
    return Image(tuple(folders), tuple(files))


def _kept(path: str, image: Image) -> Image:
    """Write the image to `path`, large files beside it; return it as it was written."""
    files: list[tuple[str, int, bytes | str]] = []
    for number, (name, mode, data) in enumerate(image.files):
        if isinstance(data, bytes) and len(data) >= LARGE_BYTES:
            write_atomic(f"{path}.{number}", data)
            files.append((name, mode, f"{os.path.basename(path)}.{number}"))
        else:
            files.append((name, mode, data))
    kept = Image(image.folders, tuple(files))
    write_atomic(path, marshal.dumps((kept.folders, kept.files)))
    return kept


def _read(path: str) -> Image | None:
    """The image at `path`, a file of this run in a folder of this user; None if it has not been built."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(file, "rb") as opened:
        folders, files = marshal.loads(opened.read())  # noqa: S302  written by this very program, for this run
    return Image(folders, files)


def _write_all(file: int, data: bytes) -> None:
    written = os.write(file, data) if data else 0
    while written < len(data):
        written += os.write(file, memoryview(data)[written:])


def _copy(path: str, file: int) -> None:
    with open(path, "rb") as source:
        left = os.fstat(source.fileno()).st_size
        try:
            while left and hasattr(os, "copy_file_range"):
                copied = os.copy_file_range(source.fileno(), file, left)
                if not copied:
                    break
                left -= copied
        except OSError as error:
            if error.errno not in _NO_COPY:
                raise
        if left:
            with open(file, "wb", closefd=False) as target:
                shutil.copyfileobj(source, target)
