-- Lines of logs behind a position, up to ten thousand: how many, and when the first was written.
SELECT count(*), min(at)
FROM (SELECT at FROM tidemill.entry WHERE position > $1 ORDER BY position LIMIT 10000) AS held
