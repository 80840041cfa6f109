-- Keep every other writer of this store out until the transaction ends.
SELECT pg_advisory_xact_lock($1)
