-- The states of those of these jobs that are live; they stay so until the transaction ends.
SELECT seq, state FROM job WHERE seq IN (SELECT value FROM json_each(?))
