-- Events that were taken out of journals into files, so that journals do not grow for ever.
-- Locks: none that matter, the table is new. Undo: events that are in files only stay readable from there and by
-- nothing else: put them back before the table is dropped.

-- A row is a file; the files of a journal follow one another from its first event on. directory and file: where it was
-- written. sha256: of the whole file. before, head: the chain's hashes of the event before the first one (zeros where
-- there is none) and of the last one. note: the entry that tells of it, signed where there was a key.
CREATE TABLE journal_archive (
    persistence_id varchar(255) NOT NULL,
    first_sequence bigint       NOT NULL,
    last_sequence  bigint       NOT NULL,
    event_bytes    bigint       NOT NULL,
    directory      text         NOT NULL,
    file           text         NOT NULL,
    file_bytes     bigint       NOT NULL,
    sha256         bytea        NOT NULL,
    before         bytea        NOT NULL,
    head           bytea        NOT NULL,
    note           text         NOT NULL,
    archived       timestamptz  NOT NULL DEFAULT now(),
    PRIMARY KEY (persistence_id, first_sequence)
);
