-- What a worker does and this user may not: the kind of thing, the right, and the thing.
SELECT 'SCHEMA', 'USAGE', $1::text
WHERE NOT has_schema_privilege(to_regnamespace($1)::oid, 'USAGE')
UNION ALL
SELECT 'TABLE', privilege, relname::text
FROM pg_class CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
WHERE relnamespace = to_regnamespace($1)::oid
    AND relkind = 'r'
    AND (relname <> 'step' OR privilege = 'SELECT')
    AND NOT has_table_privilege(pg_class.oid, privilege)
UNION ALL
SELECT 'SEQUENCE', privilege, relname::text
FROM pg_class
JOIN (
    VALUES ('entry_position_seq', 'SELECT'), ('fence', 'USAGE'), ('rewind', 'SELECT'),
        ('rewind', 'USAGE')
) AS used (name, privilege) ON relname = used.name
WHERE relnamespace = to_regnamespace($1)::oid
    AND relkind = 'S' AND NOT has_sequence_privilege(pg_class.oid, privilege)
ORDER BY 1, 2, 3
