/** OpenStack's services, found by Keystone's catalog, and what they list. */
package io.sonde.openstack;
