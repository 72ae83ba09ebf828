-- By what way events came that are stored.
-- Locks: event, for the moment in which a column without values is added. Undo: drop the column.

-- pipeline: the sinks, and the tag of the definitions that were in force, as the blocks of the journal have it
-- (store@0123456789abcdef; docs/formats.md); null for events from before.
ALTER TABLE event ADD COLUMN pipeline text;
