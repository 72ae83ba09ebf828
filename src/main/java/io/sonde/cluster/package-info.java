/**
 * What runs where: the roles of nodes, how entities are placed on them, and what each node says of
 * itself.
 */
package io.sonde.cluster;
