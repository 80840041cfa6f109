-- Keys that are not the same on both sides, with the copies of each on either.
SELECT key, sum(copies * (side = 0)), sum(copies * (side = 1))
FROM row
GROUP BY key
HAVING count(*) <> 2 OR min(digest) <> max(digest) OR min(copies) <> max(copies)
ORDER BY key
