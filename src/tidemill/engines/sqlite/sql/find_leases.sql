-- The leases that hold and whose names lie in a range.
SELECT name, holder, fence, until, info FROM lease
WHERE name >= ? AND name < ? AND until > ? ORDER BY name
