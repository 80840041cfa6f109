-- Gates that may have room now.
SELECT name FROM tidemill.gate WHERE look_at <= $1 ORDER BY look_at, name LIMIT $2
