/**
 * Formulas that operators write, in a safe part of Python's expressions: over samples, as scales
 * and arithmetic of pipelines, and over values, as what is asked for and taken out of answers by
 * pollsters. It is one language; its two scopes differ in the names that can be seen and in whether
 * everything becomes a number.
 */
package io.sonde.expression;
