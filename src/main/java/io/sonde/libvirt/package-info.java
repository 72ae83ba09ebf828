/** Virtual machines, as libvirt of this host or of another one tells of them. */
package io.sonde.libvirt;
