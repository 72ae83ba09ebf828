package io.sonde.libvirt;

import io.sonde.model.SampleBatch;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Reads the domains of one hypervisor, on a thread of its own: libvirt's calls cannot be broken
 * off. There is one reading at a time. Who asks while one is under way is given its answer; while
 * one is under way that nobody waits for any more, asking fails at once.
 */
final class HypervisorReader implements AutoCloseable {
  /** A description and the text that it was made of. */
  private record Described(String text, DomainXml xml) {}

  private final String uri;
  private final boolean stopped;
  private final PollingContext context;
  private final Supplier<Libvirt> loader;
  private final ExecutorService thread;

  // Guarded by this.
  private CompletableFuture<Findings> running =
      CompletableFuture.completedFuture(Findings.of(List.of()));
  private long begun;
  private Duration patience = Duration.ZERO;

  // Used on the thread only.
  private Hypervisor hypervisor;
  private Map<String, Described> described = Map.of();

  HypervisorReader(String uri, boolean stopped, PollingContext context, Supplier<Libvirt> loader) {
    this.uri = uri;
    this.stopped = stopped;
    this.context = context;
    this.loader = loader;
    thread =
        Executors.newSingleThreadExecutor(
            task -> {
              // It may hang for ever, and is no reason for a process to live.
              Thread created = new Thread(task, "libvirt " + uri);
              created.setDaemon(true);
              return created;
            });
  }

  /** All domains, each with its samples; fails at the deadline. */
  synchronized CompletionStage<Findings> read(Duration deadline) {
    if (thread.isShutdown()) {
      return CompletableFuture.failedFuture(new PollException("the node stops"));
    }
    if (running.isDone()) {
      begun = System.nanoTime();
      patience = deadline;
      running = CompletableFuture.supplyAsync(this::read, thread);
    } else {
      Duration waited = Duration.ofNanos(System.nanoTime() - begun);
      if (waited.compareTo(patience) > 0) {
        return CompletableFuture.failedFuture(
            new PollException(uri + " has not answered for " + waited.toSeconds() + " s"));
      }
    }
    return running
        .copy()
        .orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS)
        .exceptionally(
            failure -> {
              throw told(failure, deadline);
            });
  }

  private PollException told(Throwable failure, Duration deadline) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof TimeoutException
        ? new PollException(uri + " did not answer within " + deadline.toMillis() + " ms")
        : new PollException(uri + ": " + PollException.reasonOf(cause));
  }

  private Findings read() {
    Libvirt library;
    try {
      library = loader.get();
    } catch (LinkageError e) {
      return new Findings(
          List.of(),
          // What there is cannot be told.
          false,
          List.of("libvirt's library (libvirt.so.0) cannot be loaded here: " + e.getMessage()));
    }
    boolean isRead = false;
    try {
      if (hypervisor != null && !hypervisor.isAlive()) {
        disconnect();
      }
      if (hypervisor == null) {
        hypervisor = new Hypervisor(library, uri);
      }
      Findings findings = readDomains();
      isRead = true;
      return findings;
    } finally {
      if (!isRead) {
        disconnect();
      }
    }
  }

  private Findings readDomains() {
    long timestamp = context.micros();
    Map<String, Described> seen = new HashMap<>();
    List<Found> found = new ArrayList<>();
    hypervisor.visit(
        domain -> {
          if (!domain.stats().isElsewhere()) {
            read(domain, seen, timestamp).ifPresent(found::add);
          }
        });
    described = seen;
    return Findings.of(found);
  }

  /** Nothing when the domain is gone. */
  private Optional<Found> read(
      Hypervisor.Domain domain, Map<String, Described> seen, long timestamp) {
    PolledTarget target =
        new PolledTarget(LibvirtPollster.NAME, domain.uuid(), context.host(), uri);
    if (domain.stats().isStopped() && !stopped) {
      // It is not gone, and nothing is measured.
      return Optional.of(Found.read(target, new SampleBatch.Builder(0).build()));
    }
    try {
      Optional<String> text = domain.xml();
      if (text.isEmpty()) {
        return Optional.empty();
      }
      Described now = describe(domain.uuid(), text.get());
      seen.put(domain.uuid(), now);
      domain.askDevices(now.xml());
      return Optional.of(
          Found.read(
              target,
              DomainSamples.of(
                  context.host(), domain.uuid(), domain.stats(), now.xml(), timestamp)));
    } catch (IllegalArgumentException e) {
      return Optional.of(Found.unread(target, e.getMessage()));
    } catch (LibvirtException e) {
      if (hypervisor.isAlive()) {
        return Optional.of(Found.unread(target, e.getMessage()));
      }
      throw e;
    }
  }

  private Described describe(String uuid, String text) {
    Described last = described.get(uuid);
    return last != null && last.text().equals(text)
        ? last
        : new Described(text, DomainXml.parse(text));
  }

  private void disconnect() {
    if (hypervisor != null) {
      hypervisor.close();
      hypervisor = null;
    }
  }

  /** Closes the connection as soon as the reading under way has ended; waits for nothing. */
  @Override
  public synchronized void close() {
    if (!thread.isShutdown()) {
      thread.execute(this::disconnect);
      thread.shutdown();
    }
  }
}
