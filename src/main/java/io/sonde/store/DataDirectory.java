package io.sonde.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The folder that holds all that a node keeps on disk, locked for as long as this object is open:
 * two servers never share one. The lock belongs to the process, so a killed server leaves none
 * behind; the file that carries it, {@code sonde.lock}, stays and names the last owner.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String LOCK_FILE = "sonde.lock";
  private static final Pattern PID = Pattern.compile("\\d{1,10}");

  /**
   * The directories that this JVM holds. POSIX drops a process's locks on a file when the process
   * closes any descriptor of it, so merely trying a second time would give the lock away.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Creates the directory where it is missing, and locks it.
   *
   * @throws StartupException if it is no directory, cannot be written, or another server has it
   */
  public static DataDirectory open(Path directory) {
    Path path = create(directory);
    if (!HELD.add(path)) {
      throw inUse(path, Long.toString(ProcessHandle.current().pid()));
    }
    try {
      return new DataDirectory(path, lock(path));
    } catch (RuntimeException e) {
      HELD.remove(path);
      throw e;
    }
  }

  /** Where it is: absolute, without symbolic links. */
  public Path path() {
    return path;
  }

  /** Gives the directory up; idempotent. Whatever runs in it must have ended before. */
  @Override
  public synchronized void close() {
    if (!channel.isOpen()) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("cannot close " + path.resolve(LOCK_FILE), e);
    } finally {
      HELD.remove(path);
    }
  }

  private static Path create(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (Files.exists(absolute) && !Files.isDirectory(absolute)) {
      throw new StartupException("data directory " + absolute + " is not a directory");
    }
    try {
      Files.createDirectories(absolute);
      return absolute.toRealPath();
    } catch (IOException e) {
      throw new StartupException(
          "data directory " + absolute + " cannot be created: " + reason(e), e);
    }
  }

  private static FileChannel lock(Path path) {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              path.resolve(LOCK_FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new StartupException("data directory " + path + " cannot be written: " + reason(e), e);
    }
    try {
      // Kept by the channel: the lock ends with it.
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(path, owner(channel));
      }
      channel.truncate(0);
      channel.write(utf8(ProcessHandle.current().pid() + "\n"), 0);
      return channel;
    } catch (IOException e) {
      closeQuietly(channel);
      throw new StartupException("data directory " + path + " cannot be locked: " + reason(e), e);
    } catch (RuntimeException e) {
      closeQuietly(channel);
      throw e;
    }
  }

  private static StartupException inUse(Path path, String owner) {
    String who = PID.matcher(owner).matches() ? " (process " + owner + ")" : "";
    return new StartupException("data directory " + path + " is in use by another server" + who);
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    channel.read(text, 0);
    return StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // The reason why we are here is the one to report.
    }
  }

  /** The system's words without the path, which the message names already. */
  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    return e instanceof FileSystemException ? e.getClass().getSimpleName() : e.getMessage();
  }
}
