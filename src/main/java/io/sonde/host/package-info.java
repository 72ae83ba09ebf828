/** The host that a node is on: its processors, memory, disks, network and file systems. */
package io.sonde.host;
