-- What is published without being stored: waits here until its publisher's consumer has it, a row for each publisher.
-- Locks: none that matter, the table is new. Undo: drop it, when nothing waits in it.

-- publisher: the URL without its password. recorded: seconds since 1970. payload: samples of resources of that
-- collector, in the layout of BatchCodec (docs/formats.md). A lower id may become visible after a higher one: readers
-- take whatever is there and delete just that.
CREATE TABLE publish_queue (
    publisher text    NOT NULL,
    collector integer NOT NULL,
    id        bigserial,
    recorded  bigint  NOT NULL,
    payload   bytea   NOT NULL,
    PRIMARY KEY (publisher, collector, id)
);

-- Rows live for a moment: without this, readers would step over many dead ones. Nobody waits for a compression.
ALTER TABLE publish_queue ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE publish_queue SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
