"""Measuring a source: every number is one that was counted by hand."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from tidemill.demo.measure import Measured, measure, read

BY_HAND = '''\
"""Samples."""

import os

# A comment.
LIMIT = 3 if os.name == "nt" else 4


def plain():
    return 1


class Shop:
    @property
    def open(self):
        # Two ways out.
        if self.closed:
            return False
        return True

    class Till:
        async def count(self, coins):
            total = 0
            async for coin in coins:
                if coin and coin.valid or coin.gold:
                    total += 1
                elif coin:
                    total += 2
                else:
                    total += 3
            while total > 9:
                total -= 1
            return total


def outer(items):
    def inner(item):
        return item if item else None

    try:
        kept = [inner(a) for a in items if a if a.b for c in a]
    except ValueError:
        kept = []
    except (KeyError, TypeError):
        raise
    finally:
        pass
    with open("x") as file:
        assert file and kept
    return lambda x: x or 1
'''


def one(text: str) -> Measured:
    return measure(dedent(text), "sample.py")


def complexity_of(body: str) -> int:
    """The complexity of a function with this body."""
    source = "def sample():\n" + "".join(f"    {line}\n" for line in dedent(body).splitlines())
    (function,) = measure(source, "sample.py").functions
    return function.complexity


def test_a_file_counted_by_hand() -> None:
    found = measure(BY_HAND, "by_hand.py")
    assert (found.name, found.lines, found.classes) == ("by_hand.py", 50, 2)
    assert found.code_lines == 50 - 10 - 2  # 10 blank ones, 2 comments
    assert [(f.name, f.line, f.lines, f.complexity) for f in found.functions] == [
        ("plain", 9, 2, 1),
        ("Shop.open", 15, 5, 2),
        ("Shop.Till.count", 22, 12, 1 + 1 + 1 + 2 + 1 + 1),
        ("outer", 36, 15, 1 + 2 + 2 + 2 + 1 + 1),
        ("outer.inner", 37, 2, 2),
    ]
    assert found.longest is not None
    assert found.most_complex is not None
    assert (found.longest.name, found.most_complex.name) == ("outer", "outer")
    assert found.mean_complexity == pytest.approx((1 + 2 + 7 + 9 + 2) / 5)


@pytest.mark.parametrize(
    ("body", "complexity"),
    [
        ("pass", 1),
        ("if a: pass", 2),
        ("if a: pass\nelse: pass", 2),
        ("if a: pass\nelif b: pass\nelse: pass", 3),
        ("if a and b: pass", 3),
        ("if a and b or c and d: pass", 5),
        ("x = a or b", 2),
        ("x = not a", 1),
        ("x = 1 if a else 2", 2),
        ("for a in b: pass\nelse: pass", 2),
        ("while a: pass", 2),
        ("x = {a for a in b}", 2),
        ("x = {a: c for a in b if a for c in d}", 4),
        ("try: pass\nexcept A: pass\nexcept B: pass\nelse: pass\nfinally: pass", 3),
        ("with a: pass", 1),
        ("assert a", 1),
        ("x = lambda: a or b", 2),
        ("match a:\n  case 1: pass\n  case _: pass", 2),
        ("match a:\n  case 1: pass\n  case other: pass", 2),
        ("match a:\n  case 1 | _: pass", 1),
        ("match a:\n  case 1 if b: pass\n  case _ if b: pass", 4),
        ("match a:\n  case [x, y]: pass\n  case A() as b: pass", 3),
    ],
)
def test_each_kind_of_decision(body: str, complexity: int) -> None:
    assert complexity_of(body) == complexity


def test_a_nested_function_adds_nothing_to_the_one_around_it() -> None:
    found = one(
        """
        def outer(a):
            def inner(b=a or 1):
                if b: pass
                if b: pass
        """
    )
    # The default of `b` is evaluated when `outer` runs.
    assert [(f.name, f.complexity) for f in found.functions] == [("outer", 2), ("outer.inner", 3)]


def test_the_body_of_a_class_belongs_to_the_function_around_it() -> None:
    found = one(
        """
        def outer(a):
            class Inner:
                if a: x = 1
                def method(self): pass
        """
    )
    assert [(f.name, f.complexity) for f in found.functions] == [
        ("outer", 2),
        ("outer.Inner.method", 1),
    ]


def test_decorators_do_not_lengthen_a_function() -> None:
    (function,) = one("@a\n@b(\n    1,\n)\ndef f():\n    pass\n").functions
    assert (function.line, function.lines) == (5, 2)


@pytest.mark.parametrize(
    ("text", "lines", "code_lines"),
    [("", 0, 0), ("\n", 1, 0), ("x = 1", 1, 1), ("x = 1\n\n  # no\n\ny = 2\n", 5, 2)],
)
def test_lines(text: str, lines: int, code_lines: int) -> None:
    found = measure(text, "sample.py")
    assert (found.lines, found.code_lines) == (lines, code_lines)


def test_a_form_feed_is_no_end_of_a_line() -> None:
    assert measure("x = 1\n\x0cy = '\u2028'\n", "sample.py").lines == 2


def test_without_functions_there_is_nothing_to_compare() -> None:
    found = measure("x = 1\n", "sample.py")
    assert (found.longest, found.most_complex, found.mean_complexity) == (None, None, None)


def test_of_equals_the_first_counts() -> None:
    found = measure("def a(): pass\ndef b(): pass\n", "sample.py")
    assert found.longest is not None
    assert found.longest.name == "a"


def test_expressions_may_be_nested_deeper_than_the_stack() -> None:
    deep = "x = " + "+".join(["1"] * 900)
    assert measure(f"def f():\n    {deep}\n", "deep.py").functions[0].complexity == 1


def test_warnings_of_old_sources_are_not_ours() -> None:
    assert measure("x = '\\d'\ny = 1 is 1\n", "old.py").lines == 2


def test_a_syntax_error_passes_through_as_it_is() -> None:
    with pytest.raises(SyntaxError) as ours:
        measure("def f(:\n", "broken.py")
    with pytest.raises(SyntaxError) as theirs:
        ast.parse("def f(:\n", "broken.py")
    assert str(ours.value) == str(theirs.value)
    assert ours.value.filename == "broken.py"


def test_a_file_is_read_in_the_encoding_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\r\nname = 'caf\xe9'\r\n")
    assert read(path) == "# -*- coding: latin-1 -*-\nname = 'café'\n"


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"# coding: no-such\n", SyntaxError), (b"x = 1\n\n\ny = '\xe9'\n", UnicodeDecodeError)],
)
def test_a_file_that_cannot_be_read_says_so(
    tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(content)
    with pytest.raises(error):
        read(path)
