package io.sonde.host;

import io.sonde.polling.PollException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a program of the host to its end, or ends it. */
final class ToolRun {
  private static final long LOOK_EVERY_MILLIS = 10;

  private ToolRun() {}

  /**
   * How a program ended.
   *
   * @param output what it wrote, errors among it
   */
  record Result(int exitCode, String output) {}

  /** The program cannot be started. */
  static final class NoSuchTool extends Exception {
    private static final long serialVersionUID = 1L;

    NoSuchTool(IOException cause) {
      super(PollException.reasonOf(cause), cause);
    }
  }

  /**
   * Runs a program without input.
   *
   * @param deadline after which it is killed with all that it started
   * @param mostBytes beyond which its output is not read, and it is killed
   * @return failed with {@link NoSuchTool}, or a {@link PollException} when it had to be killed
   */
  static CompletionStage<Result> of(
      List<String> command, Duration deadline, int mostBytes, Executor blocking) {
    long begun = System.nanoTime();
    CompletableFuture<Result> result = new CompletableFuture<>();
    blocking.execute(
        () -> {
          try {
            result.complete(run(command, begun, deadline, mostBytes));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.completeExceptionally(e);
          } catch (NoSuchTool | IOException | RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static Result run(List<String> command, long begun, Duration deadline, int mostBytes)
      throws NoSuchTool, IOException, InterruptedException {
    Process process = start(command);
    try {
      InputStream in = process.getInputStream();
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      boolean hasEnded = false;
      while (!hasEnded) {
        // Not until the end of the output: a child that was left behind would keep that open.
        hasEnded = process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        output.writeBytes(in.readNBytes(in.available()));
        if (output.size() > mostBytes) {
          throw new PollException("an output of more than " + mostBytes + " bytes");
        }
        if (!hasEnded && System.nanoTime() - begun >= deadline.toNanos()) {
          throw new PollException("no end within " + deadline.toMillis() + " ms");
        }
      }
      return new Result(process.exitValue(), output.toString(StandardCharsets.UTF_8));
    } finally {
      kill(process);
    }
  }

  private static Process start(List<String> command) throws NoSuchTool {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(new File("/dev/null")));
    builder.environment().put("LC_ALL", "C");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new NoSuchTool(e);
    }
  }

  private static void kill(Process process) {
    // The number of one that has ended may be another's by now.
    if (process.isAlive()) {
      // Children that lost their parent would not be found any more.
      try (Stream<ProcessHandle> descendants = process.descendants()) {
        List<ProcessHandle> children = descendants.toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
      }
    }
  }
}
