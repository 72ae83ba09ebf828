package io.sonde.query;

import java.util.List;

/** Live samples for tests of other rooms. */
public final class LiveStreams {
  private LiveStreams() {}

  /** Streams that stay empty. */
  public static LiveSamples withoutCollectors(int maxStreams) {
    return new LiveSamples(List.of(), LiveSamples.threads(1), maxStreams, 1024);
  }
}
