/**
 * What happens to samples between intake and collectors: the definitions of sources and sinks, the
 * transformers, and the stages that remember on their behalf.
 */
package io.sonde.pipeline;
