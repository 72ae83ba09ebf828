package io.sonde.dynamic;

import io.sonde.polling.PollException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/** Runs a command of the host's shell: with a bound on its output, and until a deadline. */
final class HostCommand {
  /** How long to wait for more output at a time. */
  private static final long PAUSE_MS = 10;

  private HostCommand() {}

  /**
   * The standard output of a command; its errors are not read. Processes that it leaves behind are
   * not waited for.
   *
   * @param limit most bytes of output
   * @throws PollException when it does not end with 0 in time, or says more
   */
  static byte[] run(String command, int limit, Deadline deadline) {
    Process process;
    try {
      process =
          new ProcessBuilder("/bin/sh", "-c", command)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new PollException("the command cannot be run: " + e.getMessage());
    }
    try (InputStream output = process.getInputStream()) {
      byte[] read = read(process, output, limit, deadline);
      if (process.exitValue() != 0) {
        throw new PollException("the command ended with " + process.exitValue());
      }
      return read;
    } catch (IOException e) {
      throw new PollException("the command's output cannot be read: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PollException("the node stops");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Never waits in a read: a process that was left behind may hold the output open for ever. */
  private static byte[] read(Process process, InputStream output, int limit, Deadline deadline)
      throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] part = new byte[8192];
    boolean isOver = false;
    while (true) {
      while (output.available() > 0) {
        int count = output.read(part, 0, Math.min(part.length, output.available()));
        if (count > limit - all.size()) {
          throw new PollException("the command says more than " + limit + " bytes");
        }
        all.write(part, 0, Math.max(0, count));
        if (deadline.isOver()) {
          break;
        }
      }
      if (isOver) {
        return all.toByteArray();
      }
      if (deadline.isOver()) {
        throw new PollException("the command did not end in time");
      }
      isOver = process.waitFor(PAUSE_MS, TimeUnit.MILLISECONDS);
    }
  }
}
