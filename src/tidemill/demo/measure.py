"""Measuring one Python source: its lines, its functions, and how many ways lead through each.

The complexity of a function is that of T. J. McCabe, "A Complexity Measure", IEEE Transactions on
Software Engineering SE-2(4), 1976: one, and one more for every decision in it. A decision is

- an `if`, `elif`, `while` or `for`, and each `for` and `if` of a comprehension;
- a conditional expression, `a if b else c`;
- every `and` and every `or`, for McCabe counts conditions rather than statements;
- an `except`, a `case` that may not match, and the guard of a `case`.

A nested function is measured by itself and adds nothing to the one around it; a lambda and the
body of a class belong to the function that they stand in. An `assert` guards; it is no decision.
"""

import ast
import tokenize
import warnings
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path


@dataclass(frozen=True)
class Function:
    """One function or method.

    Attributes:
        name: with the classes and functions around it, joined by dots.
        line: where its `def` stands, from 1.
        lines: from its `def` to its end, decorators left out.
        complexity: see the module.
    """

    name: str
    line: int
    lines: int
    complexity: int


@dataclass(frozen=True)
class Measured:
    """What one source came to.

    Attributes:
        name: of the source, as it is shown.
        lines: all of them.
        code_lines: those that are not blank and do not begin with a `#`.
        classes: nested ones, too.
        functions: in the order in which they stand.
    """

    name: str
    lines: int
    code_lines: int
    classes: int
    functions: tuple[Function, ...]

    @property
    def longest(self) -> Function | None:
        """The function of most lines, the first of equals; `None` when there is no function."""
        return max(self.functions, key=lambda function: function.lines, default=None)

    @property
    def most_complex(self) -> Function | None:
        """The function of the highest complexity, the first of equals; or `None`."""
        return max(self.functions, key=lambda function: function.complexity, default=None)

    @property
    def mean_complexity(self) -> float | None:
        """The average over its functions, or `None`."""
        if not self.functions:
            return None
        return sum(function.complexity for function in self.functions) / len(self.functions)


def read(path: Path) -> str:
    """The text of a source, in the encoding that it declares.

    Raises:
        OSError: it cannot be read.
        SyntaxError: it declares an encoding that there is not, or one that contradicts its mark.
        UnicodeDecodeError: it is not in the encoding that it declares.
    """
    # Of what has a name some releases tell the name, and with it where on this machine it is.
    written = BytesIO(path.read_bytes())
    encoding, _ = tokenize.detect_encoding(written.readline)
    written.seek(0)
    with TextIOWrapper(written, encoding) as source:
        return source.read()


def measure(text: str, name: str) -> Measured:
    r"""Measure a source.

    Args:
        text: the source, its lines ended by `\n`.
        name: what to call it, here and in its errors.

    Raises:
        SyntaxError: it is not Python, or not of this release.

    Example:
        >>> measure("def sign(x):\n    return 1 if x > 0 else -1\n", "sign.py").functions
        (Function(name='sign', line=1, lines=2, complexity=2),)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what old sources are warned of is not our business
        tree = ast.parse(text, name)
    lines = text.removesuffix("\n").split("\n") if text else []
    bare = [line.strip() for line in lines]
    found, classes = _functions(tree)
    return Measured(
        name=name,
        lines=len(lines),
        code_lines=sum(1 for line in bare if line and not line.startswith("#")),
        classes=classes,
        functions=tuple(function.told() for function in found),
    )


class _Found:
    """A function that is still being measured."""

    __slots__ = ("decisions", "name", "node")

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> None:
        self.node = node
        self.name = name
        self.decisions = 0

    def told(self) -> Function:
        first = self.node.lineno
        lines = (self.node.end_lineno or first) - first + 1
        return Function(self.name, first, lines, 1 + self.decisions)


def _functions(tree: ast.Module) -> tuple[list[_Found], int]:
    """Every function of a module in the order in which they stand, and the number of classes.

    The tree is gone through with a list instead of by recursion, for expressions may be nested
    deeper than Python's stack goes.
    """
    found: list[_Found] = []
    classes = 0
    around: _Found | None
    pending: list[tuple[ast.AST, str, _Found | None]] = [(tree, "", None)]
    while pending:
        node, path, around = pending.pop()
        if around is not None:
            around.decisions += _decisions(node)
        inside, owner = path, around
        body: list[ast.stmt] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside, body = f"{path}{node.name}.", node.body
            if isinstance(node, ast.ClassDef):
                classes += 1
            else:
                owner = _Found(node, path + node.name)
                found.append(owner)
        # Decorators, defaults and bases are evaluated outside, where the definition stands.
        own = set(map(id, body))
        pending.extend(
            (child, inside, owner) if id(child) in own else (child, path, around)
            for child in ast.iter_child_nodes(node)
        )
    found.sort(key=lambda function: (function.node.lineno, function.node.col_offset))
    return found, classes


def _decisions(node: ast.AST) -> int:
    """How many decisions a node is by itself, whatever stands in it."""
    match node:
        case ast.BoolOp():
            return len(node.values) - 1
        case ast.comprehension():
            return 1 + len(node.ifs)
        case ast.match_case():
            return (not _always_matches(node.pattern)) + (node.guard is not None)
        case (
            ast.If() | ast.IfExp() | ast.While() | ast.For() | ast.AsyncFor() | ast.ExceptHandler()
        ):
            return 1
        case _:
            return 0


def _always_matches(pattern: ast.pattern) -> bool:
    """Whether a pattern is `_`, a name, or ends in such an alternative."""
    match pattern:
        case ast.MatchAs():
            return pattern.pattern is None or _always_matches(pattern.pattern)
        case ast.MatchOr():
            return _always_matches(pattern.patterns[-1])
        case _:
            return False
