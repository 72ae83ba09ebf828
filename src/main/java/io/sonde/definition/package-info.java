/**
 * What a notification of a service is turned into: definitions of meters and events, read from the
 * configuration, applied to one notification at a time. No actors, no network.
 */
package io.sonde.definition;
