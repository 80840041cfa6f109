"""Writes settings, and tells what is said of those that make no sense."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tidemill.core.errors import InvalidOption
from tidemill.settings import load


def put(folder: Path, text: str) -> Path:
    file = folder / "tidemill.toml"
    file.write_text(text)
    return file


def refused(environment: Mapping[str, str], here: Path) -> InvalidOption:
    with pytest.raises(InvalidOption) as caught:
        load(environment, here)
    return caught.value
