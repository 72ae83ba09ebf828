/** Exporters that speak Prometheus' text format or OpenMetrics, a node's own among them. */
package io.sonde.exporter;
