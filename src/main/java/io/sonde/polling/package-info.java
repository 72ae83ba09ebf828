/**
 * Asks hosts and exporters for their figures, all the time: finds what is to be polled, keeps one
 * entity for each polled resource, and hands what it reads to the intake.
 */
package io.sonde.polling;
