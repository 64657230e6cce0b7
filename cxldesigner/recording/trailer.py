"""What makes the main file alone enough, at every instant of a commit.

A commit goes to SQLite's write-ahead file and is then copied, page by page, into the main file. A
copy of the main file taken (or a writer killed) between two of those pages would be torn. So the
write-ahead file is first appended to the main file, beyond the pages the database has; SQLite does
not look there, and cuts it off itself when all pages are in place. A reader that finds a whole
trailer, but no write-ahead file beside it, takes the two apart again and lets SQLite redo the
commit. Source: SQLite's WAL format and ``walCheckpoint``, which truncates the file at its end.
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from io import FileIO
from pathlib import Path

_FOOTER = struct.Struct(">16sQI")
_MAGIC = b"CXLREC redo tail"
_MAX_BYTES = 1 << 30
_PIECE = 1 << 20


def append(main: FileIO, wal: Path, database_bytes: int) -> None:
    """Append the write-ahead file to the main file, beyond ``database_bytes``.

    ``main`` stays open as long as SQLite has the file: closing it
    would drop SQLite's locks (POSIX).
    """
    data = wal.read_bytes()
    main.seek(max(database_bytes, main.seek(0, os.SEEK_END)))
    main.write(data + _FOOTER.pack(_MAGIC, len(data), zlib.crc32(data)))


def split(path: Path, folder: Path) -> Path | None:
    """Put main and write-ahead file of a torn recording into ``folder``; None if it is not torn.

    Raises
    ------
    OSError
        It cannot be read, or there is no room in ``folder``.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size < _FOOTER.size:
            return None
        stream.seek(size - _FOOTER.size)
        magic, length, crc = _FOOTER.unpack(stream.read(_FOOTER.size))
        start = size - _FOOTER.size - length
        if magic != _MAGIC or start < 0 or length > _MAX_BYTES:
            return None
        whole = folder / "torn.cxlrec"
        with Path(f"{whole}-wal").open("wb") as wal:
            stream.seek(start)
            found, left = 0, length
            while left:
                piece = stream.read(min(_PIECE, left))
                found, left = zlib.crc32(piece, found), left - len(piece)
                wal.write(piece)
        if found != crc:
            return None
    shutil.copyfile(path, whole)
    os.truncate(whole, start)
    return whole
