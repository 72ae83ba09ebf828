package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipelines in force on this node. They change as a whole or not at all, and each version is on
 * record before it is used.
 */
public final class LivePipelines implements Supplier<PipelineSettings> {
  private static final Logger LOG = LoggerFactory.getLogger(LivePipelines.class);

  private final Supplier<PipelineSettings> reader;
  private final Consumer<PipelineSettings> recorder;
  private final List<Consumer<PipelineSettings>> users = new CopyOnWriteArrayList<>();
  private volatile PipelineSettings current;

  /**
   * Begins with these. Blocks.
   *
   * @param reader reads the definitions anew, from where the first were read
   * @param recorder puts a version on record
   */
  public LivePipelines(
      PipelineSettings first,
      Supplier<PipelineSettings> reader,
      Consumer<PipelineSettings> recorder) {
    this.reader = reader;
    this.recorder = recorder;
    this.current = first;
    recorder.accept(first);
  }

  @Override
  public PipelineSettings get() {
    return current;
  }

  /** Tells of every change from now on, before the change is answered. */
  public void onChange(Consumer<PipelineSettings> user) {
    users.add(user);
  }

  /**
   * Reads the definitions anew and puts them in force; when they are not right the former stay.
   * Blocks.
   *
   * @throws ConfigException when they are not right
   */
  public synchronized PipelineSettings reload() {
    PipelineSettings next;
    try {
      next = reader.get();
    } catch (com.typesafe.config.ConfigException e) {
      ConfigException unreadable =
          new ConfigException("sonde.pipeline", e.getMessage(), "readable: the file is no HOCON");
      unreadable.initCause(e);
      throw unreadable;
    }
    if (next.stagesPerSink() != current.stagesPerSink()) {
      throw new ConfigException(
          "sonde.pipeline.stages-per-sink",
          Integer.toString(next.stagesPerSink()),
          current.stagesPerSink() + ", which only a new start of all nodes changes");
    }
    if (next.version().equals(current.version()) && next.idleAfter().equals(current.idleAfter())) {
      LOG.info("pipelines are as they were version={}", next.tag());
      return current;
    }
    recorder.accept(next);
    current = next;
    users.forEach(user -> user.accept(next));
    LOG.info("pipelines changed version={}", next.tag());
    return next;
  }
}
