/**
 * Answers questions: one snapshot of the database, then what the collectors have not written to it
 * yet.
 */
package io.sonde.query;
