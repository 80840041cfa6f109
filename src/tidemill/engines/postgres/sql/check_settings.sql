-- What the server is set to for this session, and at what level each was set.
SELECT name, setting, source FROM pg_settings
WHERE name IN (
    'autovacuum', 'default_transaction_read_only', 'fsync', 'full_page_writes', 'server_encoding',
    'server_version', 'synchronous_commit', 'track_counts'
)
