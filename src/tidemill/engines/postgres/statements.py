"""The statements in `sql/`, one per file, each beginning with what it does.

They name the schema `tidemill`; where the store lies in another one, that name is put in its place.
"""

import re
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Final

from tidemill.engines.relational.link import Dialect

DIALECT: Final = Dialect(
    # As an array, whose length is guessed to be small: a page of one id was else looked for along
    # the whole of history, newest first.
    id_is_listed="id = ANY (ARRAY(SELECT json_array_elements_text(?::text::json)))",
    # Under the collation "C", `lower` knows the letters A to Z.
    args_contain=(
        'position(lower(?::text COLLATE "C")'
        " IN lower(convert_from(args, 'UTF8') COLLATE \"C\")) > 0"
    ),
    is_tagged="EXISTS (SELECT 1 FROM tidemill.tagged WHERE tag = ? AND job = seq)",
    through="tidemill.{table}",
    along_tag="tidemill.tagged JOIN tidemill.{table} ON seq = tagged.job",
    # What it would meet along each index is counted, and needs no telling.
    passing="{column}",
    # Nothing is guessed of how many are left by what else must hold: of a table of which nothing
    # is known yet, it were so few that all of it was read and sorted.
    stretch=(
        "(SELECT * FROM tidemill.{table} WHERE {where} ORDER BY {newest} DESC LIMIT {rows})"
        " AS {table}"
    ),
)

_FOLDER: Final = Path(__file__).parent / "sql"


@cache
def statement(name: str, schema: str) -> str:
    """The statement in `sql/<name>.sql`, without its header, in a schema."""
    lines = (_FOLDER / f"{name}.sql").read_text().splitlines()
    return in_schema("\n".join(line for line in lines if not line.startswith("--")), schema)


def in_schema(text: str, schema: str) -> str:
    """A statement as it is said where the store lies in this schema."""
    return text if schema == "tidemill" else text.replace("tidemill.", f'"{schema}".')


# Not all of them: the length of a page and the number of names are the asker's choice.
@lru_cache(maxsize=512)
def numbered(text: str, schema: str) -> str:
    """A statement that was put together: its question marks as numbered values, in a schema."""
    numbers = count(1)
    return in_schema(re.sub(r"\?", lambda _: f"${next(numbers)}", text), schema)
