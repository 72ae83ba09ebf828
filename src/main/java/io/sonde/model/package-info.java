/**
 * What is measured: series, samples, metadata and batches of them. Plain Java, without Akka, SQL or
 * a JSON library.
 */
package io.sonde.model;
