-- When rows were recorded: a question as of a past second needs to open only what has something from after it.
-- Locks: chunk and event, for the moment in which a column without values is added. Undo: drop both columns.

-- The latest second of recording, since 1970, of a sample in the chunk; null in rows from before: they are opened.
ALTER TABLE chunk ADD COLUMN recorded bigint;

-- The second of recording, since 1970; null for events from before: they count as known since ever.
ALTER TABLE event ADD COLUMN recorded bigint;
