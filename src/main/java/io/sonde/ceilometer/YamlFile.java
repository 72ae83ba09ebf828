package io.sonde.ceilometer;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a file of YAML and checks what is true of all of them: it is no larger than it can be, also
 * with its aliases written out, keys are texts, and tags are those of plain data.
 */
final class YamlFile {
  /** Ceilometer's own have up to 30 kB. */
  static final int MAX_BYTES = 2 * 1024 * 1024;

  /** Values, with each alias counted as what it stands for. */
  static final long MAX_VALUES = 200_000;

  private static final Set<Tag> KNOWN =
      Set.of(
          Tag.STR,
          Tag.INT,
          Tag.FLOAT,
          Tag.BOOL,
          Tag.NULL,
          Tag.TIMESTAMP,
          Tag.SEQ,
          Tag.MAP,
          Tag.MERGE);

  private final String file;
  private final Remarks remarks;

  /** By node: how many values it stands for; -1 while it is being counted. */
  private final IdentityHashMap<Node, Long> sizes = new IdentityHashMap<>();

  private YamlFile(String file, Remarks remarks) {
    this.file = file;
    this.remarks = remarks;
  }

  /**
   * What stands in a file; null when nothing does.
   *
   * @throws FormException when it is not plain YAML
   */
  static YamlValue read(Path path, Remarks remarks) throws IOException {
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new FileSystemException(path.toString(), null, "not a file that can be read");
    }
    try (InputStream in = Files.newInputStream(path)) {
      return parse(path.toString(), in.readNBytes(MAX_BYTES + 1), remarks);
    }
  }

  /** What these bytes mean; null when nothing. */
  static YamlValue parse(String file, byte[] bytes, Remarks remarks) {
    if (bytes.length > MAX_BYTES) {
      throw new FormException(file, "larger than the " + MAX_BYTES / 1024 + " kB that are read");
    }
    return new YamlFile(file, remarks).parse(bytes);
  }

  private YamlValue parse(byte[] bytes) {
    Node root;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      LoaderOptions options = new LoaderOptions();
      options.setMaxAliasesForCollections(1_000);
      root = new Yaml(options).compose(new StringReader(text));
    } catch (CharacterCodingException e) {
      throw new FormException(file, "expected text in UTF-8");
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw new FormException(file, line, "expected YAML: " + e.getProblem());
    } catch (YAMLException e) {
      throw new FormException(
          file, "expected YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
    if (root == null) {
      return null;
    }
    count(root);
    return at(root);
  }

  private long count(Node node) {
    Long known = sizes.get(node);
    if (known != null) {
      if (known < 0) {
        throw at(node).refusal("expected plain data, found a value that contains itself");
      }
      return known;
    }
    sizes.put(node, -1L);
    checkTag(node);
    long size = 1;
    for (Node part : parts(node)) {
      size += count(part);
      if (size > MAX_VALUES) {
        throw at(node)
            .refusal("expected at most " + MAX_VALUES + " values, with aliases written out");
      }
    }
    sizes.put(node, size);
    return size;
  }

  private List<Node> parts(Node node) {
    if (node instanceof SequenceNode list) {
      return list.getValue();
    }
    List<Node> parts = new ArrayList<>();
    if (node instanceof MappingNode map) {
      Map<String, YamlValue> seen = new HashMap<>();
      for (NodeTuple tuple : map.getValue()) {
        YamlValue key = at(tuple.getKeyNode());
        String text = key.text("a key that is a text");
        YamlValue before = seen.put(text, key);
        if (before != null && !tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
          remarks.note(
              before, "the key " + text + " stands again at line " + key.line() + ": that counts");
        }
        parts.add(tuple.getKeyNode());
        parts.add(tuple.getValueNode());
      }
    }
    return parts;
  }

  private void checkTag(Node node) {
    if (!KNOWN.contains(node.getTag())) {
      throw at(node).refusal("expected plain data, found the tag " + node.getTag());
    }
    if (node instanceof ScalarNode) {
      try {
        at(node).scalar();
      } catch (YAMLException | IllegalArgumentException e) {
        throw at(node).refusal("expected a value of the type that its tag names");
      }
    }
  }

  private YamlValue at(Node node) {
    return new YamlValue(file, node.getStartMark().getLine() + 1, node);
  }
}
