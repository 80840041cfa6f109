-- Keep what a running job says of itself.
UPDATE tidemill.job SET progress = coalesce($2, progress), checkpoint = coalesce($3, checkpoint)
WHERE seq = $1
