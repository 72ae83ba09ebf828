-- Notifications that nothing could be made of, with the reason: for people to look at, and to try again.
-- Locks: none that matter, the table is new. Undo: drop it.

-- digest: SHA-256 of the body; the same message is here once, however often it is delivered. origin: from where it
-- came. message_id, event_type: as far as they could be read. first_seen, parked: when it came, and when it was put
-- here or tried last.
CREATE TABLE dead_notification (
    id         bigserial PRIMARY KEY,
    digest     bytea NOT NULL UNIQUE,
    origin     text NOT NULL,
    message_id text,
    event_type text,
    reason     text NOT NULL,
    attempts   integer NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    parked     timestamptz NOT NULL DEFAULT now(),
    body       bytea NOT NULL
);

CREATE INDEX dead_notification_parked ON dead_notification (parked);
