"""What replay draws over the platform: how full things are and how busy links are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasOverlay:
    """One moment of a recording, as the canvas shows it.

    Attributes
    ----------
    fills : part id -> page kind (``anon``, ``file``, ``kernel``) -> share of its capacity, 0 … 1.
    links : link id -> utilisation, 0 … 1.
    labels : part id -> text shown in its bar instead of the share in use.
    link_labels : link id -> text shown at the link instead of its utilisation.
    """

    fills: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    links: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    link_labels: Mapping[str, str] = field(default_factory=dict)
