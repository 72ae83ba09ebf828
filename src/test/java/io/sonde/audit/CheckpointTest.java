package io.sonde.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final String ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

  @TempDir Path folder;

  @Test
  void itIsThreeLines() throws NoteException {
    Checkpoint empty = new Checkpoint("sonde/test", 0, MerkleTree.emptyRoot());
    assertThat(empty.text()).isEqualTo("sonde/test\n0\n" + ROOT + "\n");
    assertThat(Checkpoint.parse(empty.text() + "\n").checkpoint().isSame(empty)).isTrue();
    assertThat(Checkpoint.parse(empty.text() + "more\n\n").checkpoint().isSame(empty)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sonde/test\n0\n\n",
        "sonde/test\n01\n" + ROOT + "\n\n",
        "sonde/test\n-1\n" + ROOT + "\n\n",
        "sonde/test\n1\n47DEQpj8\n\n",
        "\n1\n" + ROOT + "\n\n",
        "sonde/test\n1\n" + ROOT + "\n",
      })
  void whatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> Checkpoint.parse(text)).isInstanceOf(NoteException.class);
  }

  @Test
  void aFileOfThemIsReadBack() throws Exception {
    SigningKey key = SigningKey.generate("test");
    Path file = folder.resolve("checkpoints");
    FileOutlet outlet = new FileOutlet(file);
    assertThat(outlet.last("a")).isEmpty();
    outlet.take(noted(checkpoint("a", 1), null));
    outlet.take(noted(checkpoint("a", 2), key));
    outlet.take(noted(checkpoint("b", 3), key));
    outlet.take(noted(checkpoint("b", 4), null));

    List<Checkpoint.Noted> read = Checkpoint.read(file);
    assertThat(read.stream().map(each -> each.checkpoint().size())).containsExactly(1L, 2L, 3L, 4L);
    read.get(2).note().verify(key.verifier());
    assertThat(outlet.last("a").map(Checkpoint::size)).isEqualTo(Optional.of(2L));
    assertThat(outlet.last("b").map(Checkpoint::size)).isEqualTo(Optional.of(4L));
    assertThat(outlet.last("c")).isEmpty();
  }

  /** Wherever a crash cuts the last note short: it is passed over, and the next one is whole. */
  @Test
  void whatWasCutShortIsPassedOver() throws Exception {
    SigningKey key = SigningKey.generate("test");
    for (SigningKey signing : new SigningKey[] {key, null}) {
      Path whole = folder.resolve("whole-" + (signing == null));
      new FileOutlet(whole).take(noted(checkpoint("a", 1), signing));
      int first = (int) Files.size(whole);
      new FileOutlet(whole).take(noted(checkpoint("a", 2), signing));
      byte[] bytes = Files.readAllBytes(whole);
      for (int cut = first; cut < bytes.length; cut++) {
        Path file = folder.resolve("cut-" + (signing == null) + cut);
        Files.write(file, Arrays.copyOf(bytes, cut));
        FileOutlet outlet = new FileOutlet(file);
        outlet.take(noted(checkpoint("a", 3), signing));
        assertThat(Checkpoint.read(file).stream().map(each -> each.checkpoint().size()))
            .as("cut at %d of %d", cut, bytes.length)
            .containsExactly(1L, 3L);
        assertThat(outlet.last("a").map(Checkpoint::size)).isEqualTo(Optional.of(3L));
      }
    }
  }

  private static Checkpoint checkpoint(String origin, long size) {
    return new Checkpoint(origin, size, MerkleTree.leafHash(new byte[] {(byte) size}));
  }

  private static Checkpoint.Noted noted(Checkpoint checkpoint, SigningKey key) {
    return new Checkpoint.Noted(
        checkpoint,
        key == null ? new Note(checkpoint.text(), List.of()) : key.sign(checkpoint.text()));
  }
}
