"""Replacing a file so that either the old or the whole new one is there, whatever happens."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write ``data`` beside ``path``, make it durable, then put it in the place of ``path``.

    Follows a symbolic link and keeps owner and permissions of a file that was there.

    Raises
    ------
    OSError
        It could not be written; the old file is as it was and nothing is left beside it.
    """
    path = Path(path).resolve()
    old = None
    with suppress(FileNotFoundError):
        old = path.stat()
    if old is not None:
        if not stat.S_ISREG(old.st_mode):
            raise OSError(0, "it is not an ordinary file")
        if not os.access(path, os.W_OK):
            raise PermissionError(0, "it is write-protected")
    temporary = path.with_name(f".cxld-{os.urandom(6).hex()}.tmp")
    try:
        # Opened by number, not tempfile: a new file shall have the permissions the umask gives.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        if old is not None:
            _keep_owner(temporary, old)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def _keep_owner(path: Path, old: os.stat_result) -> None:
    if sys.platform != "win32":
        with suppress(PermissionError):
            os.chown(path, old.st_uid, old.st_gid)
    path.chmod(stat.S_IMODE(old.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; file systems that cannot are left alone."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
