/**
 * Reads Ceilometer's own YAML and writes what of it Sonde does, as HOCON; says line by line what it
 * could not carry over. Needed by those who come from there, and by nothing else.
 */
package io.sonde.ceilometer;
