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


def found_in(path: Path) -> tuple[int, int, int] | None:
    """Return start, length and checksum of what is appended to a file, None if nothing is.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with path.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END) - _FOOTER.size
        if end < 0:
            return None
        stream.seek(end)
        magic, length, crc = _FOOTER.unpack(stream.read(_FOOTER.size))
    if magic != _MAGIC or not 0 <= length <= min(end, _MAX_BYTES):
        return None
    return end - length, length, crc


def split(path: Path, place: tuple[int, int, int], folder: Path) -> Path | None:
    """Put main and write-ahead file apart into ``folder``; None if the trailer is not whole.

    ``place`` is what :func:`found_in` gave.

    Raises
    ------
    OSError
        The file cannot be read, or there is no room in ``folder``.
    """
    start, left, crc = place
    main, found = folder / "torn.cxlrec", 0
    with path.open("rb") as stream, Path(f"{main}-wal").open("wb") as wal:
        stream.seek(start)
        while left:
            piece = stream.read(min(_PIECE, left))
            if not piece:
                return None
            found, left = zlib.crc32(piece, found), left - len(piece)
            wal.write(piece)
    if found != crc:
        return None
    shutil.copyfile(path, main)
    os.truncate(main, start)
    return main
