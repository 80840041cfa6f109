-- The number of the next row, and whether any job, live or finished, has an id from ?1 to ?2; numbers
-- as in `draw_row`. Ids made in one go stand side by side, so two looks tell that all are new.
SELECT
    1 + max((SELECT coalesce(max(seq), 0) FROM job), (SELECT coalesce(max(seq), 0) FROM done)),
    EXISTS (SELECT 1 FROM job WHERE id BETWEEN ?1 AND ?2)
    OR EXISTS (SELECT 1 FROM done WHERE id BETWEEN ?1 AND ?2)
