-- Gates that may have room now, and since when.
SELECT name, look_at FROM gate WHERE look_at <= ? ORDER BY look_at, name LIMIT ?
