/** The host that a node is on: what its operating system and its management controller tell. */
package io.sonde.host;
