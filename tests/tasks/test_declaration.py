"""A declaration names its task, writes results down, and reads them back."""

import dataclasses
import io
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidemill.core.errors import (
    InvalidArguments,
    InvalidName,
    InvalidOption,
    PayloadTooLarge,
    Unserialisable,
)
from tidemill.tasks.declaration import Declaration, default_name
from tidemill.tasks.directives import Cancel, Snooze
from tidemill.tasks.options import read_options


@dataclasses.dataclass
class Report:
    pages: int


def build() -> Report:
    return Report(3)


def maybe() -> Report | Snooze | Cancel | None: ...


def only() -> Snooze:
    return Snooze("1m")


def unsaid() -> Any: ...


del unsaid.__annotations__["return"]


def either() -> Report | dict[str, int]:
    return {}


def declare(function: Callable[..., Any], name: str = "") -> Declaration[Any]:
    return Declaration(function, read_options(function, {}), name=name)


@pytest.mark.parametrize(
    ("function", "value", "read"),
    [
        (build, Report(3), Report(3)),
        (maybe, Report(3), Report(3)),
        (maybe, None, None),
        (only, None, None),
        (unsaid, {"a": [1, 2.5, None]}, {"a": [1, 2.5, None]}),
        (either, Report(3), {"pages": 3}),
    ],
)
def test_a_result_is_read_as_it_is_annotated(function: Any, value: Any, read: Any) -> None:
    declaration = declare(function)
    assert declaration.decode_result(declaration.encode_result(value)) == read


def test_no_result_is_none() -> None:
    assert declare(unsaid).decode_result(None) is None


def test_half_a_surrogate_pair_where_a_number_is_meant_is_refused() -> None:
    def count(number: int) -> None: ...

    with pytest.raises(InvalidArguments, match="half a surrogate pair"):
        declare(count, "count").encode_args(("\ud800",), {})


def test_a_result_without_a_json_form_is_named() -> None:
    declaration = declare(build, "report.build")
    with pytest.raises(Unserialisable, match=r"result of report.build: BytesIO has no JSON form"):
        declaration.encode_result(io.BytesIO())
    with pytest.raises(Unserialisable, match=r"report.build\['x'\]\[1\]: NaN and Infinity"):
        declaration.encode_result({"x": [1, math.nan]})
    with pytest.raises(PayloadTooLarge, match=r"result of report.build: 1,048,579 bytes"):
        declaration.encode_result("x" * (1 << 20) + "x")
    with pytest.raises(Unserialisable, match=r"result of report.build is not what"):
        declaration.decode_result(b'{"pages":"three"}')


def test_a_name_is_that_of_the_module_and_the_function() -> None:
    def inner() -> None: ...

    assert default_name(build) == f"{__name__}.build"
    assert default_name(inner).endswith("and_the_function.inner")
    assert declare(build, "report.build").name == "report.build"
    with pytest.raises(InvalidName):
        declare(build, "report build")
    with pytest.raises(InvalidOption, match=r"has no name"):
        declare(lambda: None)


PROGRAM = """
from tidemill.tasks.declaration import default_name
def f(): ...
print(default_name(f))
"""


def test_the_main_module_is_named_as_others_would_import_it(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    for file in ("__init__.py", "__main__.py", "mail.py"):
        (package / file).write_text("" if file == "__init__.py" else PROGRAM)

    def said(*command: str, stdin: str = "") -> str:
        environment = {"PYTHONPATH": ":".join(sys.path)}
        return subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    assert said("shop/mail.py") == "mail.f"
    assert said("-m", "shop.mail") == "shop.mail.f"
    assert said("-m", "shop") == "shop.f"
    assert said("-", stdin=PROGRAM) == "main.f"
