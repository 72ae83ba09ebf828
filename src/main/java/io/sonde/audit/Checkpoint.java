package io.sonde.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the log was at a moment, as C2SP's checkpoints say it: in the first three lines of a note.
 *
 * @param origin which log it is of; one line
 * @param size the number of its leaves
 * @param root of the tree over them, 32 bytes
 */
public record Checkpoint(String origin, long size, byte[] root) {
  /** Further lines may follow, which only who wrote them understands. */
  private static final Pattern FORM =
      Pattern.compile("(.+)\n(0|[1-9]\\d{0,17})\n([A-Za-z0-9+/]{43}=)\n(?:.+\n)*");

  /**
   * A checkpoint and the note that says it.
   *
   * @param note signed or not
   */
  public record Noted(Checkpoint checkpoint, Note note) {}

  /** The text to sign. */
  String text() {
    return origin + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n";
  }

  /** Whether both say the same of the same log. */
  boolean isSame(Checkpoint other) {
    return origin.equals(other.origin) && size == other.size && Arrays.equals(root, other.root);
  }

  /**
   * Reads a note.
   *
   * @throws NoteException when it is none, or none of a checkpoint
   */
  public static Noted parse(String text) throws NoteException {
    return of(Note.parse(text));
  }

  /** What a note says. */
  private static Noted of(Note note) throws NoteException {
    Matcher lines = FORM.matcher(note.text());
    if (!lines.matches()) {
      throw new NoteException(
          "a checkpoint is an origin, a size and a root of 32 bytes in base64, a line each");
    }
    byte[] root = Base64.getDecoder().decode(lines.group(3));
    return new Noted(new Checkpoint(lines.group(1), Long.parseLong(lines.group(2)), root), note);
  }

  /**
   * Reads the notes in a file, see {@link #parseAll}.
   *
   * @throws NoteException when there is none
   */
  public static List<Noted> read(Path file) throws NoteException {
    try {
      // A crash may have cut within a character.
      return parseAll(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new NoteException(file + " cannot be read: " + e.getMessage());
    } catch (NoteException e) {
      throw new NoteException(file + ": " + e.getMessage());
    }
  }

  /**
   * Reads notes that follow one another, as the file of an outlet has them: after each stands a
   * blank line, which the last may lack. One that was cut short, by a crash, is passed over.
   *
   * @throws NoteException when there is none
   */
  static List<Noted> parseAll(String text) throws NoteException {
    List<Noted> found = new ArrayList<>();
    NoteException last = new NoteException("there is no checkpoint");
    for (String one : split(text)) {
      try {
        found.add(parse(one));
      } catch (NoteException e) {
        last = e;
      }
    }
    if (found.isEmpty()) {
      throw last;
    }
    return found;
  }

  /** A note has one blank line; the second one ends it. */
  private static List<String> split(String text) {
    List<String> notes = new ArrayList<>();
    StringBuilder note = new StringBuilder();
    int blanks = 0;
    for (String line : text.lines().toList()) {
      if (line.isEmpty() && ++blanks == 2) {
        notes.add(note.toString());
        note.setLength(0);
        blanks = 0;
      } else if (!line.isEmpty() || note.length() > 0) {
        note.append(line).append('\n');
      } else {
        blanks = 0;
      }
    }
    if (note.length() > 0) {
      notes.add(note.toString());
    }
    return notes;
  }
}
