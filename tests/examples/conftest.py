"""The shipped example platforms, derived."""

import pytest

from cxldesigner.assets import resource
from cxldesigner.document.store import load_document
from cxldesigner.linux.derive import derive


@pytest.fixture
def derived():
    """Derive the shipped platform of a kernel document."""

    def run(stem):
        return derive(load_document(resource("examples") / "kernel-docs" / f"{stem}.cxld"))

    return run
