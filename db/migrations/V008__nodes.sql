-- Which cluster owns this database, and which nodes there are.
-- Locks: none that matter, the tables are new. Undo: drop them.

-- One row. database_id tells this database from others, wherever it moves. epoch: the cluster that owns the database;
-- whoever forms a cluster writes a new one, and nodes with another one have to go. Null: there was none yet.
CREATE TABLE cluster (
    is_only     boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    database_id uuid NOT NULL DEFAULT gen_random_uuid(),
    epoch       uuid,
    formed      timestamptz
);

INSERT INTO cluster DEFAULT VALUES;

-- A row for each node, which it renews every second and removes when it stops. incarnation: the random number by which
-- the cluster knows it; a node that joins anew has another one. address: host:port at which other nodes reach it.
-- epoch: of which cluster it is a member; null while it looks for one. Rows are rewritten in place.
CREATE TABLE node (
    incarnation bigint PRIMARY KEY,
    address     text NOT NULL,
    epoch       uuid,
    started     timestamptz NOT NULL DEFAULT now(),
    renewed     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);
