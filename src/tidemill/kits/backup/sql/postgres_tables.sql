SELECT json_build_object(
    'name', n.nspname || '.' || c.relname,
    'quoted', quote_ident(n.nspname) || '.' || quote_ident(c.relname),
    'key', (
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY part.place)
        FROM pg_index AS i
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS part (number, place)
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = part.number
        WHERE i.indrelid = c.oid AND i.indisprimary
    )
)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
ORDER BY n.nspname, c.relname
