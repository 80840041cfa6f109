"""Python files as the rules of the house look at them."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tidemill"
EVERYWHERE = tuple(ROOT / name for name in ("src", "tests", "benchmarks", "examples"))


@dataclass(frozen=True)
class Source:
    """One file: its text, its tree and its comments."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file."""
        return cls(path, path.read_text(encoding="utf-8"))

    @classmethod
    def under(cls, *folders: Path) -> Iterator[Self]:
        """Read every file under these folders, those that there are."""
        for folder in folders:
            yield from map(cls.read, sorted(folder.rglob("*.py")))

    @property
    def name(self) -> str:
        """The path as one would type it at the root of the project."""
        return str(self.path.relative_to(ROOT)) if ROOT in self.path.parents else self.path.name

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    def comments(self) -> Iterator[tuple[int, str]]:
        """Every comment, with the number of its line; what a string holds is no comment."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
