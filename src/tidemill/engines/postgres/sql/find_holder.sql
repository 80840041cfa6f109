-- The live job that holds a unique key.
SELECT seq, id, state FROM tidemill.job WHERE unique_key = $1 AND unique_until IS NOT NULL
FOR UPDATE
