/**
 * How series are kept in memory and written down: codecs, the head and exact aggregates. Pure data
 * structures.
 */
package io.sonde.series;
