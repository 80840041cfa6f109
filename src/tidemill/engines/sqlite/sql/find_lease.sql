-- The lease on a name.
SELECT holder, fence, until, info FROM lease WHERE name = ?
