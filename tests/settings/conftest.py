"""A project whose settings are read."""

from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own, so that nothing above it is found."""
    (tmp_path / "pyproject.toml").touch()
    return tmp_path
