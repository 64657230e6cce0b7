"""The one error a recording raises."""

from __future__ import annotations


class RecordingError(Exception):
    """A recording that cannot be read or written: which file, where in it, why.

    ``str()`` is one sentence line for the user.
    """

    def __init__(self, file: str, place: str, reason: str) -> None:
        super().__init__(file, place, reason)
        self.file, self.place, self.reason = file, place, reason

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.reason}"
