package io.sonde.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Base64;

/**
 * Whether a statement is what was signed, told from itself and a public key alone. How its JSON is
 * laid out does not matter.
 *
 * @param finding a sentence for people
 */
public record StatementCheck(Result result, String finding) {
  /** What can be said of it. */
  public enum Result {
    HOLDS,
    DAMAGED,
    CANNOT_TELL
  }

  /**
   * Checks what {@code GET /v2/periods/ID} answered.
   *
   * @param answer JSON: an object with {@code statement} and {@code note}
   */
  public static StatementCheck of(byte[] answer, VerifierKey key) {
    JsonNode statement;
    byte[] digest;
    Note note;
    try {
      JsonNode tree = CanonicalJson.read(answer);
      statement = tree.path("statement");
      if (!statement.isObject() || !tree.path("note").isTextual()) {
        return cannotTell("there is no whole statement with its note in it");
      }
      digest = Period.sha256(CanonicalJson.bytes(statement));
      note = Note.parse(tree.path("note").textValue());
    } catch (IOException | NoteException | IllegalArgumentException e) {
      return cannotTell(e.getMessage());
    }
    if (note.signatures().stream()
        .noneMatch(one -> one.name().equals(key.name()) && one.keyHash() == key.keyHash())) {
      return cannotTell("it is not signed by " + key);
    }
    try {
      note.verify(key);
    } catch (NoteException e) {
      return new StatementCheck(Result.DAMAGED, e.getMessage());
    }
    String expected =
        Statement.noteText(checkpoint(statement), statement.path("id").asText(), digest);
    return note.text().equals(expected)
        ? new StatementCheck(Result.HOLDS, holds(statement, key))
        : new StatementCheck(
            Result.DAMAGED,
            "the statement is not the one that was signed: expected\n"
                + note.text()
                + "found\n"
                + expected);
  }

  /** The checkpoint that the statement names. */
  private static Checkpoint checkpoint(JsonNode statement) {
    JsonNode named = statement.path("checkpoint");
    byte[] root;
    try {
      root = Base64.getDecoder().decode(named.path("root").asText());
    } catch (IllegalArgumentException e) {
      root = new byte[0];
    }
    return new Checkpoint(named.path("origin").asText(), named.path("size").asLong(), root);
  }

  private static String holds(JsonNode statement, VerifierKey key) {
    return "period %s from %s to %s, %d lines and %d corrections: as signed by %s"
        .formatted(
            statement.path("id").asText(),
            statement.path("start").asText(),
            statement.path("end").asText(),
            statement.path("lines").size(),
            statement.path("corrections").size(),
            key.name());
  }

  private static StatementCheck cannotTell(String why) {
    return new StatementCheck(Result.CANNOT_TELL, why);
  }
}
