-- The leases that hold and whose names lie in a range.
SELECT name, holder, fence, until, info FROM tidemill.lease
WHERE name >= $1 AND name < $2 AND until > $3 ORDER BY name
