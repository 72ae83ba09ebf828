package io.sonde.polling;

import io.sonde.model.SampleBatch;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Reads targets of one kind. Called from many actors: implementations never block the caller. */
public interface Pollster {
  /** The name by which targets ask for it; unique on a node. */
  String name();

  /**
   * Reads a target once. All samples carry the moment of the reading and the key {@code
   * SampleKey.NONE}: a poll is identified by series and time.
   *
   * @param deadline after which nobody waits for the answer any more; whatever is in flight is to
   *     be given up then
   * @return the samples; failed, best with a {@link PollException}, when it could not be read
   */
  CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline);
}
