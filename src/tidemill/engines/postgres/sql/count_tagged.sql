-- How many jobs carry a tag, counted only so far.
SELECT count(*) FROM (SELECT 1 FROM tidemill.tagged WHERE tag = $1 LIMIT $2) AS counted
