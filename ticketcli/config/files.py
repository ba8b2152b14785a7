"""Files that are written whole or not at all."""

import errno
import os
from pathlib import Path


def replace(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Put a file in the place of the one that is there, if any; until then that one stays as it is.

    `mode` is that of a new file, less the umask; an old one keeps its own, a link stays a link, and
    what is no regular file (a pipe, a device) is written to. Raises OSError.
    """
    try:
        _replace(path.resolve(), content, mode)
    except OSError as error:
        if error.errno != errno.ENOENT:
            # Not the name that it has until it is whole.
            error.filename = str(path)
        raise


def _replace(target: Path, content: bytes, mode: int) -> None:
    import tempfile

    if target.exists() and not target.is_file():
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
        os.chmod(temporary, target.stat().st_mode & 0o7777 if target.exists() else mode & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
