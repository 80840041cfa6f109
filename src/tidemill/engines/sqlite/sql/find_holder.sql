-- The live job that holds a unique key.
SELECT seq, id, state FROM job WHERE unique_key = ? AND unique_until IS NOT NULL
