-- The lease on a name, if it holds.
SELECT holder, fence FROM tidemill.lease WHERE name = $1 AND until > $2
