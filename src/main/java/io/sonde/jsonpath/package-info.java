/**
 * Paths over trees of JSON, in the dialect that definitions of OpenStack's notifications are
 * written in. What is given by others is bounded: a path in its length and depth, a search in its
 * steps.
 */
package io.sonde.jsonpath;
