-- How many jobs meet a condition, counted only so far.
SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {where} LIMIT {most}) AS counted
