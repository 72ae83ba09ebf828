package io.sonde.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against the test vectors of Certificate Transparency, and against the definition of RFC 6962. */
class MerkleTreeTest {
  private static final List<String> VECTOR =
      List.of(
          "",
          "00",
          "10",
          "2021",
          "3031",
          "40414243",
          "5051525354555657",
          "606162636465666768696a6b6c6d6e6f");

  private static final List<String> ROOTS =
      List.of(
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

  private final Random random = Seed.random();

  /** A tree in memory, which keeps what the database keeps. */
  private static final class Grown implements MerkleTree.Nodes, CompactRange.Kept {
    private final List<byte[]> leaves = new ArrayList<>();
    private final Map<String, byte[]> kept = new HashMap<>();
    private final MerkleTree tree = new MerkleTree(this);
    private CompactRange range = new CompactRange();

    void append(byte[] leaf) {
      leaves.add(leaf);
      range.append(leaf, this);
    }

    @Override
    public void keep(int level, long place, byte[] hash) {
      kept.put(level + "/" + place, hash);
    }

    @Override
    public List<byte[]> hashes(int level, long first, int count) {
      List<byte[]> hashes = new ArrayList<>();
      for (long i = first; i < first + count; i++) {
        hashes.add(level == 0 ? leaves.get((int) i) : kept.get(level + "/" + i));
      }
      assertThat(hashes).hasSizeBetween(1, 128).doesNotContainNull();
      return hashes;
    }
  }

  private static Grown vector() {
    Grown grown = new Grown();
    VECTOR.forEach(leaf -> grown.append(MerkleTree.leafHash(bytes(leaf))));
    return grown;
  }

  @Test
  void rootsAreThoseOfTheVectors() {
    Grown grown = vector();
    for (int size = 0; size < ROOTS.size(); size++) {
      assertThat(hex(grown.tree.root(size))).isEqualTo(ROOTS.get(size));
    }
    assertThat(hex(grown.range.root())).isEqualTo(ROOTS.get(8));
  }

  @Test
  void proofsAreThoseOfTheVectors() {
    MerkleTree tree = vector().tree;
    assertThat(tree.inclusionProof(5, 8).stream().map(MerkleTreeTest::hex))
        .containsExactly(
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
    assertThat(tree.consistencyProof(6, 8).stream().map(MerkleTreeTest::hex))
        .containsExactly(
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
    assertThat(tree.consistencyProof(4, 8).stream().map(MerkleTreeTest::hex)).hasSize(1);
    assertThat(tree.inclusionProof(0, 1)).isEmpty();
  }

  @Test
  void everySmallTreeIsAsTheRfcDefinesIt() {
    Grown grown = new Grown();
    for (int size = 1; size <= 40; size++) {
      grown.append(leaf());
      assertThat(grown.range.root()).isEqualTo(naiveRoot(grown.leaves));
      for (int leaf = 0; leaf < size; leaf++) {
        checkInclusion(grown, leaf, size);
      }
      for (int from = 0; from <= size; from++) {
        checkConsistency(grown, from, size);
      }
    }
  }

  @Test
  void largeTreesAreToo() {
    Grown grown = new Grown();
    int size = 66_000 + random.nextInt(3_000);
    for (int i = 0; i < size; i++) {
      // Now and then as another process would: out of what is kept.
      if (random.nextInt(2_000) == 0) {
        grown.range = new CompactRange(grown.tree, i);
      }
      grown.append(leaf());
    }
    assertThat(grown.range.root()).isEqualTo(naiveRoot(grown.leaves));
    for (int i = 0; i < 20; i++) {
      int at = 1 + random.nextInt(size);
      assertThat(grown.tree.root(at)).isEqualTo(naiveRoot(grown.leaves.subList(0, at)));
      assertThat(new CompactRange(grown.tree, at).root()).isEqualTo(grown.tree.root(at));
      checkInclusion(grown, random.nextInt(at), at);
      checkConsistency(grown, random.nextInt(at), at);
    }
  }

  private void checkInclusion(Grown grown, int leaf, int size) {
    List<byte[]> proof = grown.tree.inclusionProof(leaf, size);
    byte[] root = naiveRoot(grown.leaves.subList(0, size));
    byte[] hash = grown.leaves.get(leaf);
    assertThat(MerkleTree.isIncluded(hash, leaf, size, proof, root)).isTrue();
    assertThat(MerkleTree.isIncluded(leaf(), leaf, size, proof, root)).isFalse();
    assertThat(MerkleTree.isIncluded(hash, leaf, size, proof, leaf())).isFalse();
    assertThat(MerkleTree.isIncluded(hash, leaf, size, longer(proof), root)).isFalse();
    assertThat(MerkleTree.isIncluded(hash, size, size, proof, root)).isFalse();
    assertThat(MerkleTree.isIncluded(hash, -1, size, proof, root)).isFalse();
    if (size > 1) {
      int other = (leaf + 1 + random.nextInt(size - 1)) % size;
      assertThat(MerkleTree.isIncluded(hash, other, size, proof, root)).isFalse();
      assertThat(MerkleTree.isIncluded(hash, leaf, size, flipped(proof), root)).isFalse();
      assertThat(MerkleTree.isIncluded(hash, leaf, size, shorter(proof), root)).isFalse();
    }
  }

  private void checkConsistency(Grown grown, int from, int to) {
    List<byte[]> proof = grown.tree.consistencyProof(from, to);
    byte[] first = naiveRoot(grown.leaves.subList(0, from));
    byte[] second = naiveRoot(grown.leaves.subList(0, to));
    assertThat(MerkleTree.isConsistent(from, first, to, second, proof)).isTrue();
    assertThat(MerkleTree.isConsistent(from, leaf(), to, second, proof)).isFalse();
    assertThat(MerkleTree.isConsistent(from, first, to, second, longer(proof))).isFalse();
    assertThat(MerkleTree.isConsistent(to + 1, first, to, second, proof)).isFalse();
    if (from > 0) {
      assertThat(MerkleTree.isConsistent(from, first, to, leaf(), proof)).isFalse();
    }
    if (!proof.isEmpty()) {
      assertThat(MerkleTree.isConsistent(from, first, to, second, flipped(proof))).isFalse();
      assertThat(MerkleTree.isConsistent(from, first, to, second, shorter(proof))).isFalse();
    }
  }

  private List<byte[]> longer(List<byte[]> proof) {
    List<byte[]> longer = new ArrayList<>(proof);
    longer.add(random.nextInt(proof.size() + 1), leaf());
    return longer;
  }

  private List<byte[]> shorter(List<byte[]> proof) {
    List<byte[]> shorter = new ArrayList<>(proof);
    shorter.remove(random.nextInt(proof.size()));
    return shorter;
  }

  private List<byte[]> flipped(List<byte[]> proof) {
    List<byte[]> flipped = new ArrayList<>(proof);
    int which = random.nextInt(proof.size());
    byte[] hash = flipped.get(which).clone();
    hash[random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
    flipped.set(which, hash);
    return flipped;
  }

  private byte[] leaf() {
    byte[] hash = new byte[32];
    random.nextBytes(hash);
    return hash;
  }

  /** As RFC 6962 writes it. */
  private static byte[] naiveRoot(List<byte[]> leaves) {
    if (leaves.isEmpty()) {
      return bytes(ROOTS.get(0));
    }
    if (leaves.size() == 1) {
      return leaves.get(0);
    }
    int half = 1;
    while (half * 2 < leaves.size()) {
      half *= 2;
    }
    return MerkleTree.nodeHash(
        naiveRoot(leaves.subList(0, half)), naiveRoot(leaves.subList(half, leaves.size())));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** Of the bytes that docs/formats.md tells. */
  @Test
  void aLeafIsMadeOfTheBytesThatAreTold() {
    byte[] event = new byte[32];
    Arrays.fill(event, (byte) 0xab);
    String data = "01" + "00000003" + "0000000000000102" + "ab".repeat(32);
    assertThat(new Leaf(3, 0x102, event).hash()).isEqualTo(MerkleTree.leafHash(bytes(data)));
  }
}
