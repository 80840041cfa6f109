-- How many connections there are and may be: to the server, of this user, and to this database.
-- Less than zero: as many as there is room for.
SELECT
    (SELECT sum(numbackends) FROM pg_stat_database)::bigint,
    (
        SELECT sum(CASE name WHEN 'max_connections' THEN 1 ELSE -1 END * setting::bigint)
        FROM pg_settings
        WHERE name IN ('max_connections', 'reserved_connections', 'superuser_reserved_connections')
    )::bigint,
    (SELECT count(*) FROM pg_stat_activity WHERE usesysid = pg_roles.oid),
    rolconnlimit::bigint,
    (SELECT numbackends FROM pg_stat_database WHERE datid = pg_database.oid)::bigint,
    datconnlimit::bigint
FROM pg_roles, pg_database
WHERE rolname = session_user AND datname = current_database()
