-- The job up to which a stretch of so many jobs reaches, newest first; none: it reaches the first.
SELECT seq FROM {source} WHERE {where} ORDER BY {newest} DESC LIMIT 1 OFFSET {others}
