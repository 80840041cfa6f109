-- The number of the next row, and whether a finished job has this id; `draw_rows` for one.
SELECT
    1 + max((SELECT coalesce(max(seq), 0) FROM job), (SELECT coalesce(max(seq), 0) FROM done)),
    EXISTS (SELECT 1 FROM done WHERE id = ?)
