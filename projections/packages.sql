-- name: about_case
SELECT concat('inspection-', inspection_id) AS stream FROM cases
WHERE case_id = {case:String} AND inspection_id != ''
UNION ALL
SELECT concat('slip-', slip_id) FROM slips WHERE case_id = {case:String}
UNION ALL
SELECT concat('penalty-', penalty_id) FROM penalties WHERE case_id = {case:String}
UNION ALL
SELECT concat('appeal-', appeal_id) FROM appeals WHERE stream = concat('case-', {case:String})

-- name: about_ranking
SELECT concat('money-', money_id) AS stream FROM money WHERE ranking = {ranking:String}
UNION ALL
SELECT concat('listing-', listing_id) FROM listings WHERE ranking = {ranking:String}
UNION ALL
SELECT concat('appeal-', appeal_id) FROM appeals WHERE stream = concat('ranking-', {ranking:String})

-- name: entries_of
SELECT DISTINCT position FROM scores
WHERE policy_id = {board:String} AND unit IN {units:Array(String)} AND position <= {up_to:UInt64}
  AND day >= {first:Date} AND day < {end:Date}
