/**
 * The doors for people and programs: Akka HTTP routes, their parameters and the JSON of
 * Ceilometer's v2 API. Nothing is decided here: questions go to the query room, samples to the
 * intake.
 */
package io.sonde.http;
