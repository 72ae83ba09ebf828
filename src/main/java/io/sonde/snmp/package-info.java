/** Agents that speak SNMP: hosts, switches, whatever has interfaces, load, memory or disks. */
package io.sonde.snmp;
