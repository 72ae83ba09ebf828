package io.sonde.server;

import io.sonde.audit.AuditSettings;
import io.sonde.audit.Note;
import io.sonde.audit.NoteException;
import io.sonde.audit.VerifierKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The option of commands that verify signatures. */
final class VerifierKeys {
  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "the public key, as sonde audit key showed it; of several, one must have signed")
  private List<String> texts = new ArrayList<>();

  boolean areGiven() {
    return !texts.isEmpty();
  }

  /**
   * The keys that are given, else the public half of the configured one.
   *
   * @throws NoteException when what is given is none
   */
  List<VerifierKey> orConfigured(Supplier<AuditSettings> configured) throws NoteException {
    List<VerifierKey> keys = new ArrayList<>();
    for (String text : texts) {
      keys.add(VerifierKey.parse(text));
    }
    if (!areGiven() && configured.get().key() != null) {
      keys.add(configured.get().key().verifier());
    }
    return keys;
  }

  /** Why a note is signed by none of these keys; null when it is by one. */
  static String mistrust(Note note, List<VerifierKey> keys) {
    String reason = "there is no key to verify it with";
    for (VerifierKey key : keys) {
      try {
        note.verify(key);
        return null;
      } catch (NoteException e) {
        reason = e.getMessage();
      }
    }
    return reason;
  }

  /**
   * The text of a file.
   *
   * @throws NoteException when it cannot be read
   */
  static String read(Path file) throws NoteException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new NoteException(file + " cannot be read: " + e.getMessage());
    }
  }
}
