-- What happened: events and their traits. They are only ever added, and dropped in bulk when they are too old.
-- Locks: none that matter, all tables are new. Undo: drop event_trait, event and event_sequence.

-- The order of recording. A transaction that took lower numbers may commit after one that took higher ones.
CREATE SEQUENCE event_sequence;

-- generated: microseconds since 1970 in UTC. raw: a JSON object. Texts compare as their bytes do, so that the order of
-- an answer, and the place where it goes on, are the same on every server.
CREATE TABLE event (
    sequence   bigint PRIMARY KEY,
    message_id text COLLATE "C" NOT NULL UNIQUE,
    event_type text COLLATE "C" NOT NULL,
    generated  bigint NOT NULL,
    raw        text NOT NULL
);

CREATE INDEX event_generated ON event (generated, message_id);
CREATE INDEX event_type ON event (event_type, generated, message_id);

-- type: 1 text, 2 integer, 3 float, 4 datetime; the value stands in the column of its type, the others are null. Each
-- has a column of its own, times (microseconds) too, so that the planner knows how its values are spread. event: always
-- there, as both are written and dropped together; a constraint that says so would look at each once more.
CREATE TABLE event_trait (
    event         bigint NOT NULL,
    type          smallint NOT NULL,
    name          text COLLATE "C" NOT NULL,
    text_value    text COLLATE "C",
    integer_value bigint,
    float_value   double precision,
    time_value    bigint,
    PRIMARY KEY (event, name, type)
);

CREATE INDEX event_trait_text ON event_trait (name, text_value, event) WHERE type = 1;
CREATE INDEX event_trait_integer ON event_trait (name, integer_value, event) WHERE type = 2;
CREATE INDEX event_trait_float ON event_trait (name, float_value, event) WHERE type = 3;
CREATE INDEX event_trait_datetime ON event_trait (name, time_value, event) WHERE type = 4;
