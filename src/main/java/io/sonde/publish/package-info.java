/**
 * The way out: publishers hand stored samples to consumers outside, each with a durable position in
 * the journal.
 */
package io.sonde.publish;
