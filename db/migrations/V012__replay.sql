-- Of which database this one was rebuilt, from its journals.
-- Locks: none that matter, the table is new. Undo: drop it.

-- One row at most. database_id: as the other database's table cluster has it.
CREATE TABLE replay_source (
    is_only     boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    database_id uuid NOT NULL
);
