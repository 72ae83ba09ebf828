package io.sonde.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A signed note as C2SP defines it: a text, a blank line, and a line {@code — name base64(hash of
 * the key, signature)} for each signature. Signatures of keys that nobody asks for are kept and say
 * nothing.
 *
 * @param text one or more lines; each ends with a line feed; no other control characters
 * @param signatures none where it is unsigned
 */
public record Note(String text, List<Signature> signatures) {
  private static final String DASH = "\u2014 ";

  /** No note that is meant to be one is longer, in characters. */
  private static final int MAX_LENGTH = 1_000_000;

  /**
   * A signature as it stands in a note.
   *
   * @param name of the key
   * @param keyHash tells apart keys of one name, see {@link VerifierKey#keyHash}
   * @param bytes the signature itself; its form depends on the kind of key
   */
  public record Signature(String name, int keyHash, byte[] bytes) {
    private String line() {
      byte[] data = ByteBuffer.allocate(4 + bytes.length).putInt(keyHash).put(bytes).array();
      return DASH + name + " " + Base64.getEncoder().encodeToString(data) + "\n";
    }

    private static Signature parse(String line) throws NoteException {
      String[] parts = line.startsWith(DASH) ? line.substring(DASH.length()).split(" ", -1) : null;
      if (parts == null || parts.length != 2 || !VerifierKey.isName(parts[0])) {
        throw new NoteException("the note has the line \"" + line + "\" in place of a signature");
      }
      byte[] data;
      try {
        data = Base64.getDecoder().decode(parts[1]);
      } catch (IllegalArgumentException e) {
        data = new byte[0];
      }
      if (data.length < 5) {
        throw new NoteException("the signature of " + parts[0] + " is not whole");
      }
      return new Signature(
          parts[0], ByteBuffer.wrap(data).getInt(), Arrays.copyOfRange(data, 4, data.length));
    }
  }

  /** Keeps a copy of the signatures. */
  public Note {
    signatures = List.copyOf(signatures);
  }

  /**
   * Reads a note.
   *
   * @throws NoteException when it is none
   */
  public static Note parse(String note) throws NoteException {
    if (note.length() > MAX_LENGTH) {
      throw new NoteException("a note has no " + note.length() + " characters");
    }
    if (note.chars().anyMatch(c -> c < ' ' && c != '\n')) {
      throw new NoteException("a note has no control characters but line feeds");
    }
    int blank = note.lastIndexOf("\n\n");
    if (blank < 0 || !note.endsWith("\n")) {
      throw new NoteException("a note is a text, a blank line and lines with signatures");
    }
    List<Signature> signatures = new ArrayList<>();
    for (String line : note.substring(blank + 2).lines().toList()) {
      signatures.add(Signature.parse(line));
    }
    return new Note(note.substring(0, blank + 1), signatures);
  }

  /**
   * That a key has signed this text.
   *
   * @throws NoteException when it has not
   */
  public void verify(VerifierKey key) throws NoteException {
    for (Signature signature : signatures) {
      if (signature.name().equals(key.name()) && signature.keyHash() == key.keyHash()) {
        if (!key.hasSigned(bytesToSign(text), signature.bytes())) {
          throw new NoteException("the signature of " + key.name() + " does not hold");
        }
        return;
      }
    }
    throw new NoteException("the note is not signed by " + key);
  }

  /** The note in its written form. */
  @Override
  public String toString() {
    StringBuilder note = new StringBuilder(text).append('\n');
    signatures.forEach(signature -> note.append(signature.line()));
    return note.toString();
  }

  static byte[] bytesToSign(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
