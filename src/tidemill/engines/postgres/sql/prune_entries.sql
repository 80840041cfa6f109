-- Delete events and job logs that have been kept long enough, oldest first; other logs stay.
DELETE FROM tidemill.entry WHERE position IN (
    SELECT position FROM tidemill.entry
    WHERE at <= $1 AND (log = 'events' OR starts_with(log, 'job/'))
    ORDER BY at LIMIT $2
)
