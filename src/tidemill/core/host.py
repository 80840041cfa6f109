"""Machines by their names and addresses."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether an address, or a name, is this very machine.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
