-- Of the newest jobs of a table those that meet a condition, by state, and how many were looked at.
WITH looked AS (SELECT * FROM {source} WHERE {along} ORDER BY {newest} DESC LIMIT {most})
SELECT state, count(CASE WHEN {where} THEN 1 END), count(*) FROM looked GROUP BY state
