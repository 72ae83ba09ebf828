package io.sonde.polling;

/** What goes from node to node in this room; bound to {@link PollingSerializer}. */
public sealed interface PollingMessage
    permits PolledResource.Assert, PollAgent.Read, PollAgent.Answer {}
