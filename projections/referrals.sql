-- name: leaves
SELECT position, stream_id AS stream, name AS event, leaf_hash AS digest
FROM events
WHERE stream_id IN {streams:Array(String)}
ORDER BY position
