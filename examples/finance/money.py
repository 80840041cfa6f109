"""Amounts of money: whole cents, read and written as banks and people do."""

import re
from typing import Final

_AMOUNT: Final = re.compile(r"([+-]?)(\d{1,12})(?:\.(\d{1,2}))?")


def cents(written: str, decimal: str = ".") -> int:
    """Read an amount; what is not the decimal mark may group thousands.

    Args:
        written: such as `"-1,234.50"`.
        decimal: the mark before the cents, a point or a comma.

    Raises:
        ValueError: it is no amount of whole cents.

    Example:
        >>> cents("-1,234.5"), cents("1.234,50", ","), cents("+7")
        (-123450, 123450, 700)
    """
    group = "," if decimal == "." else "."
    bare = "".join(written.split()).replace("\N{MINUS SIGN}", "-").replace(group, "")
    found = _AMOUNT.fullmatch(bare.replace(decimal, "."))
    if found is None:
        raise ValueError(f"{written!r} is no amount")
    sign, whole, part = found.groups()
    amount = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -amount if sign == "-" else amount


def amount(cents: int) -> str:
    """Write an amount.

    Example:
        >>> amount(-123450), amount(5)
        ('-1,234.50', '0.05')
    """
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"
