"""Surface: everything over HTTP, for programs and for the dashboard."""

from typing import Final

PREFIX: Final = "/api/v1"
"""What the path of everything begins with, but for what monitors look for elsewhere."""
