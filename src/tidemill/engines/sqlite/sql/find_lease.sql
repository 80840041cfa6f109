-- The lease on a name, if it holds.
SELECT holder, fence FROM lease WHERE name = ? AND until > ?
