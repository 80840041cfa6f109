"""What cleaning comes to, as people and programs read it."""

from typing import Literal

from msgspec import Struct, field

Kind = Literal["files", "cache", "records", "rows"]

MOST_NAMED = 20
"""Files that are named because they could not be removed; the others are only counted."""


class Part(Struct, kw_only=True):
    """What became of one thing that is cleaned.

    Attributes:
        name: as it was declared.
        kind: what it is.
        before: what is older than this goes, milliseconds UTC.
        seen: what was looked at.
        found: what was old enough, as it was counted first.
        removed: how much of it is gone; 0 in a dry run.
        bytes: of what was found in a dry run, of what is gone otherwise; a file that has another
            name elsewhere counts 0, since its space is not free.
        folders: empty ones that are gone, too, or would be.
        skipped: what was left alone, by reason: `link`, `mount`, `special`, `deep`, `undated`,
            `changed`, `refused`.
        refused: some of the files that the system did not let go.
        missing: whether the folder is not there.
    """

    name: str
    kind: Kind
    before: int = 0
    seen: int = 0
    found: int = 0
    removed: int = 0
    bytes: int = 0
    folders: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    missing: bool = False

    def skip(self, reason: str, name: str = "") -> None:
        """Count what was left alone; a name is shown without what no terminal should get."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1
        if name and len(self.refused) < MOST_NAMED:
            self.refused.append(ascii(name)[1:-1][:200])


class Cleaned(Struct, frozen=True, kw_only=True):
    """Result of cleaning.

    Attributes:
        dry_run: whether it was only counted.
        removed: of all parts together; in a dry run, what would be.
        bytes: likewise.
        parts: each thing that was cleaned.
    """

    dry_run: bool
    removed: int
    bytes: int
    parts: list[Part]
