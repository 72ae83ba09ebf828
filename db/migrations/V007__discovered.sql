-- What discoveries of polling sources know of: so that a resource which vanishes is missed, whichever node looks for
-- it, and though all of them were stopped meanwhile. Locks: none that matter, the tables are new. Undo: drop them.

-- discovery: as the source names it, with its parameter; of one that each host runs for itself, with the host.
-- first_found: since when it is known. last_found: when it was found last, while it is missed; else null.
CREATE TABLE discovered (
    source      text NOT NULL,
    discovery   text NOT NULL,
    pollster    text NOT NULL,
    resource    text NOT NULL,
    first_found timestamptz NOT NULL,
    last_found  timestamptz,
    PRIMARY KEY (source, discovery, pollster, resource)
);

-- last_complete: when it looked last and was told all that there is.
CREATE TABLE discovery (
    source        text NOT NULL,
    discovery     text NOT NULL,
    last_complete timestamptz NOT NULL,
    PRIMARY KEY (source, discovery)
);

CREATE INDEX discovered_resource ON discovered (resource);
