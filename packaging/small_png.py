"""Write pictures as PNG files of at most 256 colours, the same bytes for the same pixels."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COLOURS = 256


def write(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write ``pixels`` (rows, columns, red-green-blue) to ``path``."""
    flat = pixels.reshape(-1, 3).astype(np.uint32)
    packed = flat[:, 0] << 16 | flat[:, 1] << 8 | flat[:, 2]
    found, which, counts = np.unique(packed, return_inverse=True, return_counts=True)
    table, nearest = _reduced(_unpacked(found), counts)
    rows = nearest[which].astype(np.uint8).reshape(pixels.shape[:2])
    filtered = np.hstack([np.zeros((len(rows), 1), np.uint8), rows]).tobytes()
    size = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 3, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", size)
        + _chunk(b"PLTE", table.astype(np.uint8).tobytes())
        + _chunk(b"IDAT", zlib.compress(filtered, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _unpacked(packed: NDArray[np.uint32]) -> NDArray[np.float64]:
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.float64)


def _reduced(
    colours: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return a table of at most 256 colours and each colour's place in it (median cut).

    Counts enter by their root: a small mark in its own colour must not drown in the background.
    """
    weights = np.sqrt(counts)
    boxes = [np.arange(len(colours))]
    while len(boxes) < COLOURS:
        spread = [
            0.0 if len(b) < 2 else float(np.ptp(colours[b], axis=0).max() * weights[b].sum())
            for b in boxes
        ]
        widest = int(np.argmax(spread))
        if spread[widest] == 0:
            break
        box = boxes.pop(widest)
        axis = int(np.argmax(np.ptp(colours[box], axis=0)))
        box = box[np.argsort(colours[box, axis], kind="stable")]
        half = np.cumsum(weights[box])
        cut = int(np.clip(np.searchsorted(half, half[-1] / 2), 1, len(box) - 1))
        boxes += [box[:cut], box[cut:]]
    table = np.array([np.average(colours[b], axis=0, weights=counts[b]) for b in boxes]).round()
    nearest = np.empty(len(colours), np.int64)
    for start in range(0, len(colours), 4096):
        part = colours[start : start + 4096, None, :] - table[None, :, :]
        nearest[start : start + 4096] = (part**2).sum(axis=2).argmin(axis=1)
    return table, nearest
