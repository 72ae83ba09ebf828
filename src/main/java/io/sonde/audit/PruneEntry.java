package io.sonde.audit;

import io.sonde.store.ArchivedFile;
import java.util.Base64;
import java.util.List;

/**
 * The signed entry that tells of events that were taken out of a journal: which, the chain's hash
 * of the last of them, and the file that has them. A note as a checkpoint is, of another text.
 */
final class PruneEntry {
  private PruneEntry() {}

  /** The entry of a file, without signatures. */
  static String text(String origin, ArchivedFile file) {
    return origin + "\n" + claim(file);
  }

  private static String claim(ArchivedFile file) {
    return "pruned %s events %d to %d\nhead %s\nfile %s\nsha256 %s\n"
        .formatted(
            file.persistenceId(),
            file.first(),
            file.last(),
            base64(file.head()),
            file.path().getFileName(),
            base64(file.sha256()));
  }

  private static String base64(byte[] hash) {
    return Base64.getEncoder().encodeToString(hash);
  }

  /** The written entry of a file. */
  static String note(String origin, ArchivedFile file, SigningKey key) {
    String text = text(origin, file);
    return (key == null ? new Note(text, List.of()) : key.sign(text)).toString();
  }

  /**
   * Checks the entry that a file has.
   *
   * @param key must have signed what is signed in its name; null where there is none
   * @return whether it is signed by the key
   * @throws NoteException when it tells something else, or the signature does not hold
   */
  static boolean check(ArchivedFile file, VerifierKey key) throws NoteException {
    Note note = Note.parse(file.note());
    String claim = note.text().substring(note.text().indexOf('\n') + 1);
    if (!claim.equals(claim(file))) {
      throw new NoteException("the entry says: " + claim.replace("\n", "; "));
    }
    boolean isSigned =
        key != null
            && note.signatures().stream()
                .anyMatch(one -> one.name().equals(key.name()) && one.keyHash() == key.keyHash());
    if (isSigned) {
      note.verify(key);
    }
    return isSigned;
  }
}
