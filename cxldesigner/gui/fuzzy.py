"""Finding an action by a few of its letters."""

from __future__ import annotations


def score(typed: str, text: str) -> float | None:
    """Return how well ``typed`` fits ``text``, higher is better; None when it does not.

    Every letter must occur, in order, without regard to case; blanks in ``typed`` are skipped.
    Letters that begin a word and letters that follow each other count more, and so do short texts.
    """
    wanted = [c for c in typed.casefold() if not c.isspace()]
    folded = text.casefold()
    if not wanted:
        return 0.0
    best: float | None = None
    start = folded.find(wanted[0])
    while start >= 0:
        found = _from(wanted, folded, start)
        if found is not None and (best is None or found > best):
            best = found
        start = folded.find(wanted[0], start + 1)
    return None if best is None else best - len(text) / 200


def _from(wanted: list[str], text: str, start: int) -> float | None:
    total, last, place = 0.0, start - 2, start
    for letter in wanted:
        found = text.find(letter, place)
        if found < 0:
            return None
        begins = found == 0 or not text[found - 1].isalnum()
        total += 1 + 2 * begins + 2 * (found == last + 1) - min(found - place, 10) / 10
        last, place = found, found + 1
    return total / len(wanted)
