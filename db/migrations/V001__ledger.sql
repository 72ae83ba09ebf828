-- The journal and the snapshots (the tables of Akka Persistence JDBC), the collectors, and what they flush.
-- Locks: none that matter, all tables are new. Undo: drop them.

CREATE TABLE event_journal (
    ordering           bigserial,
    persistence_id     varchar(255) NOT NULL,
    sequence_number    bigint       NOT NULL,
    deleted            boolean      NOT NULL DEFAULT false,
    writer             varchar(255) NOT NULL,
    write_timestamp    bigint,
    adapter_manifest   varchar(255),
    event_ser_id       integer      NOT NULL,
    event_ser_manifest varchar(255) NOT NULL,
    event_payload      bytea        NOT NULL,
    meta_ser_id        integer,
    meta_ser_manifest  varchar(255),
    meta_payload       bytea,
    PRIMARY KEY (persistence_id, sequence_number)
);

CREATE UNIQUE INDEX event_journal_ordering ON event_journal (ordering);

-- Events are compressed before they are written: PostgreSQL must not try again.
ALTER TABLE event_journal ALTER COLUMN event_payload SET STORAGE EXTERNAL;

CREATE TABLE event_tag (
    event_id        bigint,
    persistence_id  varchar(255),
    sequence_number bigint,
    tag             varchar(256),
    PRIMARY KEY (persistence_id, sequence_number, tag),
    FOREIGN KEY (persistence_id, sequence_number)
        REFERENCES event_journal (persistence_id, sequence_number) ON DELETE CASCADE
);

CREATE TABLE snapshot (
    persistence_id        varchar(255) NOT NULL,
    sequence_number       bigint       NOT NULL,
    created               bigint       NOT NULL,
    snapshot_ser_id       integer      NOT NULL,
    snapshot_ser_manifest varchar(255) NOT NULL,
    snapshot_payload      bytea        NOT NULL,
    meta_ser_id           integer,
    meta_ser_manifest     varchar(255),
    meta_payload          bytea,
    PRIMARY KEY (persistence_id, sequence_number)
);

ALTER TABLE snapshot ALTER COLUMN snapshot_payload SET STORAGE EXTERNAL;

-- Which collector owns which slot of resources. Filled once, when the database is made.
CREATE TABLE slot (
    slot      integer PRIMARY KEY,
    collector integer NOT NULL
);

-- generation: number of flushes; flushed: the journal's sequence number up to which chunk rows hold what is to be kept;
-- flush_token: names the flush that wrote this row last, so that its owner knows it again after a lost answer.
CREATE TABLE collector (
    id          integer PRIMARY KEY,
    generation  bigint  NOT NULL DEFAULT 0,
    flushed     bigint  NOT NULL DEFAULT 0,
    flush_token uuid
);

-- A collector numbers its series. identity: 64-bit hash of all the fields, the first half of a sample's id.
CREATE TABLE series (
    collector   integer  NOT NULL,
    number      integer  NOT NULL,
    identity    bigint   NOT NULL,
    source      text     NOT NULL,
    meter       text     NOT NULL,
    type        smallint NOT NULL,
    unit        text     NOT NULL,
    resource_id text     NOT NULL,
    project_id  text,
    user_id     text,
    dimensions  bytea    NOT NULL,
    PRIMARY KEY (collector, number)
);

CREATE INDEX series_identity ON series (identity);
CREATE INDEX series_meter ON series (meter, collector, number);
CREATE INDEX series_resource ON series (resource_id, meter);
CREATE INDEX series_project ON series (project_id, meter);

-- Once per distinct value; id: the first 128 bits of the SHA-256 of the canonical text.
CREATE TABLE metadata (
    id   uuid PRIMARY KEY,
    body text NOT NULL
);

-- Samples of one series within one calendar day (UTC). Times in microseconds, both inclusive. directory: what each hour
-- sums up to. Layout of both: docs/formats.md.
CREATE TABLE chunk (
    collector  integer NOT NULL,
    series     integer NOT NULL,
    to_time    bigint  NOT NULL,
    from_time  bigint  NOT NULL,
    generation bigint  NOT NULL,
    samples    integer NOT NULL,
    directory  bytea   NOT NULL,
    payload    bytea   NOT NULL,
    PRIMARY KEY (collector, series, to_time, from_time, generation)
);

-- In the row as long as it fits into a page, and never compressed again.
ALTER TABLE chunk ALTER COLUMN directory SET STORAGE EXTERNAL;
ALTER TABLE chunk ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE chunk SET (toast_tuple_target = 8160);

-- How far an outside publisher has read the journal of a collector.
CREATE TABLE publisher_position (
    publisher text    NOT NULL,
    collector integer NOT NULL,
    sequence  bigint  NOT NULL,
    PRIMARY KEY (publisher, collector)
);
