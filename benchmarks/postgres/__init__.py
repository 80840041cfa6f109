"""The contests on PostgreSQL: raw limits, peers, and the bars."""
