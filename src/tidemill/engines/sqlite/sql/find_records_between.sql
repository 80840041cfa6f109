-- The documents of a kind from one key on, behind another one and before a third.
SELECT key, version, doc FROM record
WHERE kind = ? AND key >= ? AND key > ? AND key < ?
ORDER BY key LIMIT ?
