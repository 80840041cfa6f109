-- The number of the next row, and whether a finished job has one of these ids. Numbers tell the order
-- of insertion across both tables; drawing them here instead of by AUTOINCREMENT spares each commit
-- a page.
SELECT
    1 + max((SELECT coalesce(max(seq), 0) FROM job), (SELECT coalesce(max(seq), 0) FROM done)),
    EXISTS (SELECT 1 FROM done WHERE id IN (SELECT value FROM json_each(?)))
