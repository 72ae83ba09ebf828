package io.sonde.pipeline;

/** What {@link StageSerializer} writes: for other nodes, the journal and the snapshot store. */
interface StageMessage {}
