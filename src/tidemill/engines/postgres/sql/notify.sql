-- Tell whoever listens on a channel, once the transaction is committed.
SELECT pg_notify($1, $2)
