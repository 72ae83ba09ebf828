/** The collectors: they store samples, lose none and count none twice. */
package io.sonde.collector;
