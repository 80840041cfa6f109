-- Whether a lease holds.
SELECT 1 FROM lease WHERE name = ? AND fence = ? AND until > ?
