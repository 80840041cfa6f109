-- Keep what a running job says of itself.
UPDATE job SET progress = coalesce(?2, progress), checkpoint = coalesce(?3, checkpoint)
WHERE seq = ?1
