-- The log of all events of all collectors, as a Merkle tree, and the checkpoints of it.
-- Locks: none that matter, all tables are new. Undo: drop them; older checkpoints then have no proofs any more.

-- A row is consecutive events of one journal, which are consecutive leaves. hashes: 32 bytes an event, as the journal's
-- chain has them.
CREATE TABLE log_leaves (
    first_leaf     bigint  PRIMARY KEY,
    collector      integer NOT NULL,
    first_sequence bigint  NOT NULL,
    events         integer NOT NULL,
    hashes         bytea   NOT NULL
);

CREATE UNIQUE INDEX log_leaves_sequence ON log_leaves (collector, first_sequence);
ALTER TABLE log_leaves ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Hashes of complete subtrees of 2^level leaves, of every eighth level. place: which one of its level, from 0.
CREATE TABLE log_node (
    level smallint NOT NULL,
    place bigint   NOT NULL,
    hash  bytea    NOT NULL,
    PRIMARY KEY (level, place)
);

-- size: the number of leaves. note: the checkpoint as it is given to others, signed where there was a key.
CREATE TABLE log_checkpoint (
    size bigint      PRIMARY KEY,
    root bytea       NOT NULL,
    note text        NOT NULL,
    made timestamptz NOT NULL DEFAULT now()
);

-- The last checkpoint that an outlet has got, where the outlet itself cannot tell. outlet: without passwords.
CREATE TABLE log_outlet (
    outlet text   PRIMARY KEY,
    size   bigint NOT NULL
);
