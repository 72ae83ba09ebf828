/**
 * What the journal proves: that nothing in it was changed, that the read model says what it says,
 * and what was known when.
 */
package io.sonde.audit;
