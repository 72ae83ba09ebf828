package io.sonde.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.Seed;
import io.sonde.audit.Statement.Content;
import io.sonde.audit.Statement.Correction;
import io.sonde.audit.Statement.Line;
import io.sonde.audit.StatementCheck.Result;
import io.sonde.model.MeterType;
import io.sonde.query.UsageRow;
import io.sonde.store.PeriodStore.Figure;
import io.sonde.store.PeriodStore.Sealed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatementCheckTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long START = 1_767_225_600_000_000L;
  private static final long DAY = 86_400_000_000L;
  private static final Checkpoint CHECKPOINT = new Checkpoint("here", 1234, new byte[32]);

  private SigningKey key;
  private String statement;

  @BeforeEach
  void make() throws Exception {
    key = SigningKey.generate("biller");
    Period period =
        new Period(START, START + DAY, null, List.of("cpu", "b"), List.of("project_id"), 3600);
    UsageRow row =
        new UsageRow(
            MeterType.GAUGE,
            "B",
            new TreeMap<>(Map.of("project_id", "p1")),
            START,
            START + DAY,
            0.1 + 0.2,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            START,
            START + 1);
    Sealed earlier =
        new Sealed(
            1,
            "first",
            null,
            "s",
            START - DAY,
            START,
            null,
            List.of("b"),
            List.of("project_id"),
            3600,
            1,
            Instant.EPOCH,
            new byte[32],
            "");
    Corrections.Change change =
        new Corrections.Change(
            0.1, new Figure("b", "gauge", "B·h", "{\"project_id\":\"p1\"}", 0.3, 5));
    statement =
        new String(
            new Content(
                    period,
                    START / 1_000_000,
                    Instant.EPOCH,
                    earlier,
                    CHECKPOINT,
                    List.of(new Line("b", row)),
                    List.of(new Correction(earlier, change)),
                    List.of())
                .json(),
            StandardCharsets.UTF_8);
  }

  @Test
  void aStatementHoldsHoweverItIsLaidOut() throws Exception {
    String answer = answer(statement, signed().toString());

    assertThat(check(answer).result()).isEqualTo(Result.HOLDS);
    assertThat(check(answer).finding()).contains("1 lines and 1 corrections", "biller");
    assertThat(check(JSON.readTree(answer).toPrettyString()).result()).isEqualTo(Result.HOLDS);
    // What is between two figures is exact, whatever doubles make of it.
    assertThat(statement).contains("\"difference\":\"0.2\"", "\"quantity\":0.30000000000000004");
  }

  @Test
  void everyChangedCharacterIsFound() throws Exception {
    Random random = Seed.random();
    String note = signed().toString();
    for (int i = 0; i < statement.length(); i++) {
      char other = (char) ('!' + random.nextInt(90));
      String changed = statement.substring(0, i) + other + statement.substring(i + 1);
      if (isSame(changed)) {
        continue;
      }
      assertThat(check(answer(changed, note)).result())
          .as("%c for %c at %d", other, statement.charAt(i), i)
          .isNotEqualTo(Result.HOLDS);
    }
    assertThat(check(answer(statement.replace("0.30000000000000004", "0.31"), note)))
        .isEqualTo(
            new StatementCheck(
                Result.DAMAGED,
                "the statement is not the one that was signed: expected\n"
                    + signed().text()
                    + "found\n"
                    + text(statement.replace("0.30000000000000004", "0.31"))));
  }

  @Test
  void aNoteOfAnotherStatementOrCheckpointIsFound() throws Exception {
    String text = text(statement);
    for (String other :
        List.of(
            text.replace("here", "there"),
            text.replace("1234", "1235"),
            text.replaceFirst("sha256 .", "sha256 x"),
            text.replaceFirst("period .", "period x"),
            text + "more\n")) {
      assertThat(check(answer(statement, key.sign(other).toString())).result())
          .as(other)
          .isEqualTo(Result.DAMAGED);
    }
    String note = signed().toString();
    // The last character that says anything of the signature; the text that it signs.
    assertThat(check(answer(statement, note.replace("1234", "1235"))).result())
        .isEqualTo(Result.DAMAGED);
  }

  @Test
  void withoutItsSignatureNothingCanBeTold() throws Exception {
    String unsigned = new Note(text(statement), List.of()).toString();
    String foreign = SigningKey.generate("biller").sign(text(statement)).toString();

    for (String answer :
        List.of(
            answer(statement, unsigned),
            answer(statement, foreign),
            "{\"statement\": " + statement + ", \"note\": null}",
            "{}",
            "[]",
            "no JSON",
            "")) {
      assertThat(check(answer).result()).as(answer).isEqualTo(Result.CANNOT_TELL);
    }
  }

  /** Another digit beyond those that a double has changes nothing. */
  private boolean isSame(String changed) {
    try {
      return CanonicalJson.text(CanonicalJson.read(changed.getBytes(StandardCharsets.UTF_8)))
          .equals(statement);
    } catch (IOException e) {
      return false;
    }
  }

  private StatementCheck check(String answer) {
    return StatementCheck.of(answer.getBytes(StandardCharsets.UTF_8), key.verifier());
  }

  private Note signed() {
    return key.sign(text(statement));
  }

  private static String text(String of) {
    try {
      return Statement.noteText(
          CHECKPOINT,
          JSON.readTree(of).get("id").asText(),
          Period.sha256(of.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String answer(String of, String note) throws Exception {
    return "{\"statement\": " + of + ", \"note\": " + JSON.writeValueAsString(note) + "}";
  }
}
