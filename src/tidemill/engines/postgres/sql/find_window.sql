-- The job that still holds a unique key through its window, live or finished.
SELECT job FROM tidemill.unique_window WHERE key = $1 AND until > $2
