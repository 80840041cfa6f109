-- Whether a lease holds.
SELECT 1 FROM tidemill.lease WHERE name = $1 AND fence = $2 AND until > $3
