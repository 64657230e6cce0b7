"""Every shipped platform: a file we would write ourselves, laid out, without a mistake."""

import pytest

from cxldesigner.assets import resource
from cxldesigner.document.store import canonical_bytes, load_document
from cxldesigner.linux.derive import derive
from cxldesigner.linux.model import Severity

EXAMPLES = sorted(resource("examples").rglob("*.cxld"))
IDS = [p.stem for p in EXAMPLES]


def test_there_are_examples():
    assert {"story", "platform-flexible", "linux-single-device", "cxl-test"} <= set(IDS)
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("path", EXAMPLES, ids=IDS)
def test_is_canonical_named_and_laid_out(path):
    document = load_document(path)
    assert canonical_bytes(document) == path.read_bytes()
    assert document.layout.keys() >= {*document.parts, *document.windows}
    assert document.notes.partition("\n")[0].endswith(".")
    assert document.name != "Untitled platform"


@pytest.mark.parametrize("path", EXAMPLES, ids=IDS)
def test_derives_without_error(path):
    derivation = derive(load_document(path))
    assert [str(f) for f in derivation.findings if f.severity is Severity.ERROR] == []
    assert [r for m in derivation.moments for r in m.results if r.exit] == []
