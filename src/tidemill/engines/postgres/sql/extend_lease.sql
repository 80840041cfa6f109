-- Push on the end of a lease that holds.
UPDATE tidemill.lease SET since = $1, until = $2, info = $3 WHERE name = $4 AND fence = $5 AND until > $1
