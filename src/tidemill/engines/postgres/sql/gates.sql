-- Gates that may have room now, and since when.
SELECT name, min(look_at) FROM tidemill.gate WHERE look_at <= $1
GROUP BY name ORDER BY min(look_at), name LIMIT $2
