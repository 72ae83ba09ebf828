package io.sonde.polling;

/** What goes from node to node in this room; bound to {@link PollingSerializer}. */
public sealed interface PollingMessage
    permits PolledResource.Assert,
        PolledResource.Take,
        PolledResource.End,
        PolledResource.PollNow,
        PolledResource.Polled,
        DiscoveryAgent.Wake,
        DiscoveryAgent.LookNow,
        PollAgent.Read,
        PollAgent.Answer,
        PollAgent.Survey,
        PollAgent.Surveyed,
        PollAgent.ListPolled,
        PollAgent.Listed,
        PollAgent.LookNow {}
