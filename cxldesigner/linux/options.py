"""Reading a tool's command line: short and long options, values joined or apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: exit status, what it says, the rule behind a refusal."""

    exit: int = 0
    output: str = ""
    rule: str = ""


def parse_options(
    words: Sequence[str],
    values: Mapping[str, str],
    flags: Mapping[str, str],
    long_flags: Sequence[str] = (),
) -> tuple[dict[str, str], list[str], str]:
    """Split a command's words into options by long name and the other arguments.

    Parameters
    ----------
    words : what follows the command.
    values : short letter -> long name of options with a value.
    flags : short letter -> long name of options without.
    long_flags : options without a value and without a letter.

    Returns
    -------
    tuple
        Options (value "" for flags), other arguments, and the first unknown option ("" if none).
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    with_value, without = set(values.values()), {*flags.values(), *long_flags}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            rest += queue
            break
        if word.startswith("--"):
            name, joined, value = word[2:].partition("=")
            if name in without:
                found[name] = ""
            elif name in with_value:
                found[name] = value if joined else (queue.pop(0) if queue else "")
            else:
                return found, rest, name
        elif word.startswith("-") and len(word) > 1:
            problem = _short(word[1:], queue, values, flags, found)
            if problem:
                return found, rest, problem
        else:
            rest.append(word)
    return found, rest, ""


def _short(
    letters: str,
    queue: list[str],
    values: Mapping[str, str],
    flags: Mapping[str, str],
    found: dict[str, str],
) -> str:
    """Read a group of short options; return the first unknown letter."""
    for index, letter in enumerate(letters):
        if letter in flags:
            found[flags[letter]] = ""
        elif letter in values:
            joined = letters[index + 1 :].removeprefix("=")
            found[values[letter]] = joined or (queue.pop(0) if queue else "")
            return ""
        else:
            return letter
    return ""
