"""Messages between a run's handle and its worker process: one JSON object a line, no data.

Worker -> handle: :class:`Ready`, :class:`Progress`, :class:`Paused`, :class:`Injected`,
:class:`Finished`, :class:`Failed`. Handle -> worker: :class:`Start`, :class:`Pause`,
:class:`Resume`, :class:`Step`, :class:`Speed`, :class:`Inject`, :class:`Stop`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

VERSION = 1


@dataclass(frozen=True, slots=True)
class Start:
    """Begin: the platform file, the scenario id in it, where to write; paused at tick 0 or not."""

    document_path: str
    scenario: str
    recording_path: str
    paused: bool = False
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop after the tick under way."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Step:
    """Run ``ticks`` ticks, then pause."""

    ticks: int = 1


@dataclass(frozen=True, slots=True)
class Speed:
    """Simulated milliseconds per wall-clock millisecond; 0 = as fast as it goes."""

    factor: float = 0.0


@dataclass(frozen=True, slots=True)
class Inject:
    """Apply a host action at the next tick; recorded as input."""

    command: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish the recording at the current tick and end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker is up; ``version`` is its protocol."""

    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Progress:
    """Ticks committed to the recording so far, of how many."""

    ticks: int
    total: int


@dataclass(frozen=True, slots=True)
class Paused:
    """Paused at this tick."""

    ticks: int


@dataclass(frozen=True, slots=True)
class Injected:
    """An injected action was applied at a tick; ``error`` is the tool's text, empty if none."""

    tick: int
    command: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """The recording is complete."""

    ticks: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot go on: a code, a sentence for the user, and for bugs a traceback."""

    code: str
    text: str
    traceback: str = ""


Message = (
    Start
    | Pause
    | Resume
    | Step
    | Speed
    | Inject
    | Stop
    | Ready
    | Progress
    | Paused
    | Injected
    | Finished
    | Failed
)

_TYPES = {
    t.__name__: t
    for t in (
        Start, Pause, Resume, Step, Speed, Inject, Stop,
        Ready, Progress, Paused, Injected, Finished, Failed,
    )
}  # fmt: skip


def encode(message: Message) -> bytes:
    """Return a message as one line."""
    return json.dumps({"type": type(message).__name__, **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Return the message in a line; raises ``ValueError`` for anything else."""
    try:
        fields = json.loads(line)
        return _TYPES[fields.pop("type")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a runner message: {line[:80]!r}") from error
