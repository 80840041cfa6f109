-- Every gate that has jobs parked at it but "after", one index step each.
WITH RECURSIVE shut (gate) AS (
    SELECT min(gate) FROM job WHERE state = 'blocked' AND gate > 'after'
    UNION ALL
    SELECT (SELECT min(gate) FROM job WHERE state = 'blocked' AND gate > shut.gate)
    FROM shut WHERE shut.gate IS NOT NULL
)
SELECT gate FROM shut WHERE gate IS NOT NULL
