-- What a new session is like: the process that serves it, and the defaults of its user and database
-- that a statement alone is subject to; times in milliseconds, 0 for none.
SELECT pg_backend_pid(), current_setting('default_transaction_isolation'),
    (SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'),
    (SELECT setting::bigint FROM pg_settings WHERE name = 'lock_timeout'),
    coalesce((SELECT setting::bigint FROM pg_settings WHERE name = 'transaction_timeout'), 0)
