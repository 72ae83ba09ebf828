-- What pipelines were in force, and what their stages remember of series that have been idle for long.
-- Locks: none that matter, all tables are new. Undo: drop stage_remains and pipeline_version.

-- tag: the first digits of the definitions' hash, as each block of the journal names it; definitions: canonical JSON,
-- whose SHA-256 is hash.
CREATE TABLE pipeline_version (
    hash        text PRIMARY KEY,
    tag         text NOT NULL,
    definitions text NOT NULL,
    first_used  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX pipeline_version_tag ON pipeline_version (tag);

-- key, memory: in the form of the transformer, see docs/formats.md.
CREATE TABLE stage_remains (
    stage       text  NOT NULL,
    transformer text  NOT NULL,
    key         bytea NOT NULL,
    memory      bytea NOT NULL,
    PRIMARY KEY (stage, transformer, key)
);
