-- The job that still holds a unique key through its window, live or finished.
SELECT job FROM unique_window WHERE key = ? AND until > ?
