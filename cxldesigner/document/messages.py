"""English sentences for everything the document room refuses.

Core code gives a code and arguments (:class:`~cxldesigner.document.ports.Refusal`); the command
line prints :func:`sentence`, the GUI translates :func:`template` first and fills it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from cxldesigner.document.ports import Refusal

TEMPLATES: Mapping[str, str] = {
    # connecting
    "port-missing": "There is no port {0}.",
    "same-part": "{0} cannot be connected to itself.",
    "port-types": (
        "{0} ({1}) and {2} ({3}) do not fit together: connect a socket to host bridges or memory, "
        "a host bridge to root ports, a root port or switch to switches and devices."
    ),
    "port-taken": "Port {0} is already in use by link {1}; remove that link first.",
    "cycle": "{0} cannot hang below {1}: {1} already hangs below {0}.",
    "too-deep": "{0} cannot be connected there: at most {1} parts may hang below each other.",
    # editing
    "id-taken": "The id {0} is already in use; choose another one.",
    "field-unknown": "{0} has no field {1}.",
    "item-missing": "There is no {0} in this platform.",
    "port-in-use": "Port {0} is still in use by link {1}; remove that link first.",
    "not-a-permutation": "The new order must name every window exactly once, not {0}.",
    "preset-missing": "There is no hardware preset {0}.",
    "preset-kind": "The preset {0} is for a {1}, but {2} is a {3}.",
    "target-repeated": "{0} is already a target of window {1}.",
    "port-to-window": "Port {0} cannot be joined to window {1}: drag the window to its bridges.",
    "window-on-window": "A window cannot be put into {0}; put it on a free spot or a host bridge.",
    "drop-unreadable": "What was dropped is no part of a platform.",
    "replay-mode": "A replay cannot be changed; go back to editing first.",
    # values
    "wrong-type": "{0} must be {1}, not {2}.",
    "out-of-range": "{0} must be between {1} and {2}, not {3}.",
    "not-a-choice": "{0} must be one of {1}, not {2}.",
    "bad-id": (
        "{0} must be an id of lower-case letters, digits, - and _, beginning with a letter, "
        "at most 63 characters long, not {1}."
    ),
    "bad-text": "{0} holds a character that cannot be written as UTF-8 (half a surrogate pair).",
    "bad-base64": "{0} must be bytes in base64.",
    "bad-quantity": "{0} cannot be {1}: {2}.",
    "unknown-key": "{0} is not known here; known keys are {1}.",
    "missing-key": "{0} is missing.",
    # references
    "target-not-bridge": "{0} must name host bridges, and {1} is not one in this platform.",
    "reference-missing": "{0} names {1}, which is not in this platform.",
    "range-backwards": "{0} must begin before it ends.",
    "id-twice": "{0}: the id {1} is used twice.",
    "port-twice": "{0}: port {1} is already in use by link {2}.",
    "ports-unfit": "{0}: the ports {1} and {2} do not fit together.",
    "link-cycle": "{0}: the links form a circle.",
    "chain-too-deep": "{0}: more than {1} parts hang below each other.",
    # files
    "file-unreadable": "The file cannot be read: {0}.",
    "file-unwritable": "The file cannot be written: {0}.",
    "file-not-regular": "This is not an ordinary file.",
    "file-too-large": "The file has {0} bytes; a platform has at most {1}.",
    "file-not-utf8": "The file is not text in UTF-8 (byte {0}); it is no platform file.",
    "file-not-json": "{0}: the file is not valid JSON ({1}); it may be damaged or cut short.",
    "file-too-deep": "The file is nested too deeply to be a platform.",
    "key-twice": "The key {0} is there twice in one object.",
    "not-a-number": "{0} is no number a platform can hold.",
    "format-wrong": "{0} must be {1}, not {2}; this is not a platform file of CXL Designer.",
    "version-newer": (
        "The file has format version {0}; this program reads up to version {1}. "
        "Open it with a newer CXL Designer."
    ),
}
"""Sentence templates by refusal code."""


def template(code: str) -> str:
    """Return the sentence template of a code; the code itself when it has none."""
    return TEMPLATES.get(code, code)


def sentence(refusal: Refusal) -> str:
    """Return the English sentence for a refusal."""
    return template(refusal.code).format(*refusal.args)
