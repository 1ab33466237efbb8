"""A PKCS#11 token for each test that asks for one."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.soft_token import SoftToken, soft_token


@pytest.fixture
def token() -> Iterator[SoftToken]:
    """Make a token in a folder of its own."""
    # Not below pytest's own folder: that is closed to the user that root's process becomes.
    folder = Path(tempfile.mkdtemp(prefix="token-"))
    try:
        yield soft_token(folder)
    finally:
        shutil.rmtree(folder)
