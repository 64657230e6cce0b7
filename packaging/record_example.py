"""Record the example's first scenario into the file shipped beside it.

    .venv/bin/python packaging/record_example.py

To be run again whenever the engine or the example changes what is recorded; a test compares.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cxldesigner.document.store import load_document
from cxldesigner.engine.run import Run
from cxldesigner.recording.writer import RecordingWriter

EXAMPLE = Path(__file__).resolve().parent.parent / "resources" / "examples" / "story.cxld"


def main() -> int:
    """Play the whole scenario and write the recording anew."""
    document = load_document(EXAMPLE)
    target = EXAMPLE.with_suffix(".cxlrec")
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    run = Run(document, next(iter(document.scenarios)), lambda meta: RecordingWriter(part, meta))
    while not run.done:
        run.step()
    run.writer.finish(run.summary())
    part.replace(target)
    print(f"{target.name}: {run.tick} ticks, {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
