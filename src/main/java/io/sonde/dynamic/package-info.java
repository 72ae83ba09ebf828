/**
 * Pollsters that operators define in the configuration: what to ask, over HTTP or with a command,
 * and what to take from the answer.
 */
package io.sonde.dynamic;
