-- The documents of a kind.
SELECT key, version, doc FROM record WHERE kind = ? ORDER BY key
