-- How many jobs carry a tag, counted only so far.
SELECT count(*) FROM (SELECT 1 FROM tagged WHERE tag = ? LIMIT ?)
