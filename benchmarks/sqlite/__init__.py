"""The contests on SQLite: raw limits, a peer, and the bars."""
