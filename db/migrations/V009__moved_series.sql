-- What series were called before their slot was given to a new collector: their older rows stay where they are.
-- Locks: none that matter, the table is new. Undo: drop it, where the number of collectors was never raised.

-- A series of a moved slot is (collector, number) now; rows of it lie under (former_collector, former_number) too, and
-- under further ones where its slot has moved more than once.
CREATE TABLE moved_series (
    collector        integer NOT NULL,
    number           integer NOT NULL,
    former_collector integer NOT NULL,
    former_number    integer NOT NULL,
    PRIMARY KEY (collector, number, former_collector)
);
