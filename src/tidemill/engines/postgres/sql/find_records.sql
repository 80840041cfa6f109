-- The documents of a kind.
SELECT key, version, doc FROM tidemill.record WHERE kind = $1 ORDER BY key
