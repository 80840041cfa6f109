-- Push on the end of a lease that has not run out.
UPDATE lease SET until = ?, info = ? WHERE name = ? AND fence = ? AND until > ?
