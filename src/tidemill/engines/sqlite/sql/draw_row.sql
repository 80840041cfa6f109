-- The number of the next row, and whether a finished job has this id; of a live one the insert tells.
-- Numbers tell the order of insertion across both tables; drawing them here instead of by
-- AUTOINCREMENT spares each commit a page.
SELECT
    1 + max((SELECT coalesce(max(seq), 0) FROM job), (SELECT coalesce(max(seq), 0) FROM done)),
    EXISTS (SELECT 1 FROM done WHERE id = ?)
