-- Sealed periods: statements of usage that never change, and the figures in them.
-- Locks: none that matter, the tables are new. Undo: drop them, but then all statements are gone.

-- sequence: the order of sealing. id: digest of what was asked for. selection: digest of it without its time; the
-- statements of a selection follow each other. start_time, end_time: microseconds, the end exclusive. project_id: null
-- for all. gap: seconds. recorded_until: seconds since 1970; what was recorded later is in later statements.
-- statement: canonical JSON (RFC 8785). digest: its SHA-256. note: in the form of C2SP, signed where there was a key.
CREATE TABLE period (
    sequence        bigserial PRIMARY KEY,
    id              text   NOT NULL UNIQUE,
    idempotency_key text   UNIQUE,
    selection       text   NOT NULL,
    start_time      bigint NOT NULL,
    end_time        bigint NOT NULL,
    project_id      text,
    meters          text[] NOT NULL,
    groupby         text[] NOT NULL,
    gap             bigint NOT NULL,
    recorded_until  bigint NOT NULL,
    sealed_at       timestamptz NOT NULL DEFAULT now(),
    statement       bytea  NOT NULL,
    digest          bytea  NOT NULL,
    note            text   NOT NULL,
    CHECK (start_time < end_time)
);

CREATE INDEX period_selection ON period (selection, sequence);

-- What statements say. statement: the period in whose statement it stands. about: the period that it is about, the same
-- for a line, an earlier one for a correction, of which this is the figure as it was then. The newest one of a figure is
-- what is stated. group_values: a JSON object.
CREATE TABLE period_figure (
    statement    bigint NOT NULL REFERENCES period (sequence),
    about        bigint NOT NULL REFERENCES period (sequence),
    meter        text   NOT NULL,
    type         text   NOT NULL,
    unit         text   NOT NULL,
    group_values text   NOT NULL,
    quantity     double precision NOT NULL,
    samples      bigint NOT NULL
);

CREATE INDEX period_figure_about ON period_figure (about, meter);
