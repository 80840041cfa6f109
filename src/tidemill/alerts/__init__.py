"""Wing: telling people."""
