-- The number of the next row, and whether any job, live or finished, has one of these ids; numbers
-- as in `draw_row`.
SELECT
    1 + max((SELECT coalesce(max(seq), 0) FROM job), (SELECT coalesce(max(seq), 0) FROM done)),
    EXISTS (SELECT 1 FROM job WHERE id IN (SELECT value FROM json_each(?1)))
    OR EXISTS (SELECT 1 FROM done WHERE id IN (SELECT value FROM json_each(?1)))
