"""Writes files atomically: a reader sees the old file or the new one, never a part."""

import errno
import os
from pathlib import Path


def replace(path: Path, content: bytes, *, mode: int = 0o666, follow: bool = True) -> None:
    """Write a file, or replace it. If writing fails, the old file is unchanged.

    `mode` is the mode of a new file, to which the umask applies. An existing file keeps its mode,
    and a link stays a link; without `follow` the link itself is replaced, and what it points to is
    left alone. A pipe or a device is written to directly. Raises OSError.
    """
    try:
        _replace(path.resolve() if follow else path, content, mode)
    except OSError as error:
        if error.errno != errno.ENOENT:
            # Name the file itself, not its temporary copy.
            error.filename = str(path)
        raise


def _replace(target: Path, content: bytes, mode: int) -> None:
    import tempfile

    stays = target.exists() and not target.is_symlink()
    if stays and not target.is_file():
        with open(target, "wb") as file:
            file.write(content)
        return
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.chmod(temporary, target.stat().st_mode & 0o7777 if stays else mode & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
