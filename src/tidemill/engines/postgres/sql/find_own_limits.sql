-- What a job brings along of limits: how many at once, and how often.
SELECT limit_most, rate FROM tidemill.job WHERE seq = $1
