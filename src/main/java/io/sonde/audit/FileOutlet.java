package io.sonde.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file that notes are appended to, with a blank line after each. It is never written anywhere but
 * at its end, so it may be one that the system lets nobody change. Each node has its own.
 */
final class FileOutlet implements Outlet {
  /** A note is far shorter. */
  private static final int LAST = 16 * 1024;

  /** A whole note, signed or not, and the blank line behind it. */
  private static final Pattern WHOLE = Pattern.compile("(\u2014 [^\n]+\n|\n\n)\n\\z");

  /**
   * Follows what a crash has cut short. Wherever that was, it is no note with this: in the text it
   * is no root, or in the place of a signature it is none.
   */
  private static final String CUT = "(cut short)\n\n(cut short)\n\n\n";

  private final Path file;

  FileOutlet(Path file) {
    this.file = file;
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public boolean isReadable() {
    return true;
  }

  @Override
  public Optional<Checkpoint> last(String origin) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      List<Checkpoint.Noted> notes = Checkpoint.parseAll(end());
      for (int i = notes.size() - 1; i >= 0; i--) {
        if (notes.get(i).checkpoint().origin().equals(origin)) {
          return Optional.of(notes.get(i).checkpoint());
        }
      }
      return Optional.empty();
    } catch (NoteException e) {
      return Optional.empty();
    }
  }

  @Override
  public void take(Checkpoint.Noted checkpoint) throws IOException {
    String before = Files.exists(file) ? end() : "";
    String mend = before.isEmpty() || WHOLE.matcher(before).find() ? "" : CUT;
    if (!mend.isEmpty() && !before.endsWith("\n")) {
      mend = "\n" + mend;
    }
    boolean isNew = !Files.exists(file);
    byte[] bytes = (mend + checkpoint.note() + "\n").getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
    if (isNew) {
      try (FileChannel folder =
          FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
        folder.force(true);
      }
    }
  }

  /** The last part of the file. */
  private String end() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long from = Math.max(0, channel.size() - LAST);
      ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - from));
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // Until all is there.
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
  }
}
