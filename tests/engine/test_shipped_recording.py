"""The recording shipped with the example is what the engine makes of it today."""

from __future__ import annotations

import numpy as np

from cxldesigner.assets import resource
from cxldesigner.document.store import canonical_bytes, load_document
from cxldesigner.engine.run import Run
from cxldesigner.recording.reader import RecordingReader


class Rows:
    def __init__(self, meta):
        self.meta = meta
        self.rows = []

    def tick(self, row, events=(), migrations=(), page_maps=()):
        self.rows.append(row.copy())


def test_shipped_recording_is_up_to_date():
    document = load_document(resource("examples", "story.cxld"))
    reader = RecordingReader(resource("examples", "story.cxlrec"))
    try:
        assert reader.document() == canonical_bytes(document)
        assert reader.meta.complete
        assert reader.meta.scenario == next(iter(document.scenarios))
        run = Run(document, reader.meta.scenario, Rows)
        assert reader.ticks == run.total
        for tick in range(300):  # fill, spill, first demotions and promotions
            run.step()
            np.testing.assert_array_equal(run.writer.rows[tick], reader.row(tick))
    finally:
        reader.close()
