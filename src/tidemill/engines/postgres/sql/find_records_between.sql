-- The documents of a kind from one key on, behind another one and before a third.
SELECT key, version, doc FROM tidemill.record
WHERE kind = $1 AND key >= $2 AND key > $3 AND key < $4
ORDER BY key LIMIT $5
