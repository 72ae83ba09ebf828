package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.series.CorruptDataException;
import io.sonde.store.ArchiveFile.Header;
import io.sonde.store.ArchiveFile.Part;
import io.sonde.store.JournalStore.StoredEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is archived comes out as it went in, or it is said that it does not. */
class ArchiveFileTest {
  @TempDir Path folder;
  private Random random;

  @BeforeEach
  void seed() {
    random = Seed.random();
  }

  @Test
  void whateverIsWrittenIsRead() throws IOException {
    for (int round = 0; round < 10; round++) {
      List<byte[]> events = events(1 + random.nextInt(40), 1 + random.nextInt(60_000));
      Header header = header(1 + random.nextInt(1_000_000), events.size());
      ArchivedFile written = ArchiveFile.write(folder, "db-" + round, header, events);
      ArchiveFile file = ArchiveFile.open(written.path());
      assertThat(file.header()).as("round %d", round).usingRecursiveComparison().isEqualTo(header);
      assertThat(Arrays.deepEquals(payloads(file).toArray(), events.toArray())).isTrue();
      assertThat(written.fileBytes()).isEqualTo(Files.size(written.path()));
      assertThat(written.sha256()).isEqualTo(ArchiveFile.sha256(written.path()));
      long middle = header.first() + random.nextInt(events.size());
      assertThat(file.from(middle).get(0).sequence()).isEqualTo(middle);
      assertThat(file.from(middle).get(0).payload())
          .isEqualTo(events.get((int) (middle - header.first())));
    }
  }

  /** Bytes of the first version, which are read for ever. */
  @Test
  void whatWasWrittenOnceIsRead() throws IOException {
    Path path = folder.resolve("old");
    Files.write(
        path,
        HexFormat.of()
            .parseHex(
                "534f4e44454a524e010000005d0c636f6c6c6563746f727c33b48703086576656e742d310703"
                    + "01".repeat(32)
                    + "02".repeat(32)
                    + "01030d192c2cbaee789c634dcb2c2a2e61602dc9c82c4a01001c3d044e524de8e4"));
    ArchiveFile file = ArchiveFile.open(path);
    assertThat(file.header().persistenceId()).isEqualTo("collector|3");
    assertThat(file.header().serializerId()).isEqualTo(50_100);
    assertThat(file.header().manifest()).isEqualTo("event-1");
    assertThat(file.header().first()).isEqualTo(7);
    assertThat(file.header().last()).isEqualTo(9);
    assertThat(file.header().before()).containsOnly(1);
    assertThat(file.header().head()).containsOnly(2);
    assertThat(payloads(file).stream().map(event -> new String(event, StandardCharsets.UTF_8)))
        .containsExactly("first", "", "third");
  }

  @Test
  void partsAreReadByThemselves() throws IOException {
    List<byte[]> events = events(20, 0);
    for (int i = 0; i < events.size(); i++) {
      events.set(i, bytes(100_000));
    }
    ArchiveFile file =
        ArchiveFile.open(ArchiveFile.write(folder, "db", header(1, 20), events).path());
    assertThat(file.parts()).hasSize(10);
    assertThat(file.read(file.parts().get(4)))
        .extracting(StoredEvent::sequence)
        .containsExactly(9L, 10L);
  }

  @Test
  void theSameEventsAreTheSameFileAndNothingElseIsLeft() throws IOException {
    List<byte[]> events = events(10, 500);
    Header header = header(1, 10);
    Path first = ArchiveFile.write(folder, "db", header, events).path();
    assertThat(ArchiveFile.write(folder, "db", header, events).path()).isEqualTo(first);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(first);
    }
  }

  @Test
  void everyBitThatFlipsIsFound() throws IOException {
    Path path = ArchiveFile.write(folder, "db", header(1, 12), small()).path();
    byte[] whole = Files.readAllBytes(path);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(path, damaged);
      assertThatThrownBy(() -> payloads(ArchiveFile.open(path)))
          .as("bit %d", bit)
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining(path.toString());
    }
  }

  @Test
  void everyTruncationAndWhateverFollowsIsFound() throws IOException {
    Path path = ArchiveFile.write(folder, "db", header(1, 12), small()).path();
    byte[] whole = Files.readAllBytes(path);
    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> payloads(ArchiveFile.open(path)))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(CorruptDataException.class);
    }
    Files.write(path, Arrays.copyOf(whole, whole.length + 1));
    assertThatThrownBy(() -> payloads(ArchiveFile.open(path)))
        .isInstanceOf(CorruptDataException.class);
    Files.delete(path);
    assertThatThrownBy(() -> ArchiveFile.open(path)).isInstanceOf(NoSuchFileException.class);
  }

  /** Whatever the bytes are, nothing but these two comes of it, and no memory without end. */
  @Test
  void randomDamageDoesNoHarm() throws IOException {
    Path path = ArchiveFile.write(folder, "db", header(1, 12), small()).path();
    byte[] whole = Files.readAllBytes(path);
    for (int round = 0; round < 2_000; round++) {
      byte[] damaged = whole.clone();
      for (int i = random.nextInt(8); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      if (Arrays.equals(damaged, whole)) {
        continue;
      }
      Files.write(path, damaged);
      assertThatThrownBy(() -> payloads(ArchiveFile.open(path)))
          .isInstanceOf(CorruptDataException.class);
    }
  }

  private static List<byte[]> payloads(ArchiveFile file) throws IOException {
    List<byte[]> found = new ArrayList<>();
    for (Part part : file.parts()) {
      file.read(part).forEach(event -> found.add(event.payload()));
    }
    return found;
  }

  private List<byte[]> small() {
    return events(12, 40);
  }

  private List<byte[]> events(int count, int bytes) {
    List<byte[]> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(bytes(random.nextInt(bytes + 1)));
    }
    return events;
  }

  /** Half of it can be compressed. */
  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i += 2) {
      bytes[i] = (byte) random.nextInt();
    }
    return bytes;
  }

  private Header header(long first, int events) {
    byte[] before = new byte[32];
    byte[] head = new byte[32];
    random.nextBytes(before);
    random.nextBytes(head);
    return new Header("collector|3", 50100, "event-1", first, first + events - 1, before, head);
  }
}
