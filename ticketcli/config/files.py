"""Writes files atomically: a reader sees the old file or the new one, never a part."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path


def replace(
    path: Path, content: bytes | Iterable[bytes], *, mode: int = 0o666, private: bool = False
) -> None:
    """Write a file, or replace it. If writing fails, the old file is unchanged.

    `mode` is the mode of a new file, to which the umask applies; an existing file keeps its mode,
    unless it is to be `private`: then it is for its owner only, whatever was there. A
    link is replaced by a file and never followed, because somebody else may have planted it. A
    pipe, a device and what /dev names, as in `>(command)` of a shell, are written to directly.
    Raises OSError.
    """
    try:
        parts = [content] if isinstance(content, bytes) else content
        _replace(path, parts, 0o600 if private else mode, keep=not private)
    except OSError as error:
        if error.errno != errno.ENOENT:
            # Name the file itself, not its temporary copy.
            error.filename = str(path)
        raise


def _replace(target: Path, content: Iterable[bytes], mode: int, *, keep: bool) -> None:
    import tempfile

    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    if target.exists() and not target.is_file() and (_is_system(target) or not target.is_symlink()):
        with open(target, "wb") as file:
            file.writelines(content)
        return
    before = target.lstat() if target.is_file() and not target.is_symlink() else None
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(descriptor, "wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(descriptor)
        os.chmod(temporary, before.st_mode & 0o7777 if before and keep else mode & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _is_system(path: Path) -> bool:
    """Whether a path is one that only the system can make."""
    root, top, *below = (*path.parent.resolve().parts, "", "")
    # Everybody may make files in /dev/shm.
    return root == "/" and top in ("dev", "proc") and below[0] != "shm"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
