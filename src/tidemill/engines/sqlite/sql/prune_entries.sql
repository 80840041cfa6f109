-- Delete events and job logs that have been kept long enough, oldest first; other logs stay.
DELETE FROM entry WHERE position IN (
    SELECT position FROM entry INDEXED BY entry_at
    WHERE at <= ? AND (log = 'events' OR log GLOB 'job/*')
    ORDER BY at LIMIT ?
)
