package io.sonde.ceilometer;

import io.sonde.publish.PublisherUrl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value of a YAML file and where it stands. Scalars are what Python's YAML makes of them, merges
 * ({@code <<}) are resolved, and of a key that is given twice the last counts.
 */
final class YamlValue {
  private static final Scalars SCALARS = new Scalars();

  private final String file;
  private final int line;
  private final Node node;

  /**
   * @param line of the key where the value has one, else of the value; from 1
   * @param node one that {@link YamlFile} has checked
   */
  YamlValue(String file, int line, Node node) {
    this.file = file;
    this.line = line;
    this.node = node;
  }

  String file() {
    return file;
  }

  int line() {
    return line;
  }

  boolean isNull() {
    return node.getTag().equals(Tag.NULL);
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  boolean isMap() {
    return node instanceof MappingNode;
  }

  boolean isText() {
    return scalar() instanceof String;
  }

  /** The entries of a list. */
  List<YamlValue> list(String expected) {
    if (!(node instanceof SequenceNode sequence)) {
      throw error(expected);
    }
    List<YamlValue> entries = new ArrayList<>();
    for (Node entry : sequence.getValue()) {
      entries.add(new YamlValue(file, line(entry), entry));
    }
    return entries;
  }

  /** The entries of a map, in their order. */
  Map<String, YamlValue> map(String expected) {
    if (!(node instanceof MappingNode mapping)) {
      throw error(expected);
    }
    Map<String, YamlValue> entries = new LinkedHashMap<>();
    addEntries(mapping, entries);
    return entries;
  }

  /** Keys of this map go before merged ones, and earlier merged maps before later ones. */
  private void addEntries(MappingNode mapping, Map<String, YamlValue> entries) {
    Map<String, YamlValue> own = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
        Node key = tuple.getKeyNode();
        own.put(
            ((ScalarNode) key).getValue(), new YamlValue(file, line(key), tuple.getValueNode()));
      }
    }
    own.forEach(entries::putIfAbsent);
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
        merged(tuple.getValueNode()).forEach(other -> addEntries(other, entries));
      }
    }
  }

  /** The maps that a merge takes in. */
  private List<MappingNode> merged(Node value) {
    List<Node> nodes = value instanceof SequenceNode list ? list.getValue() : List.of(value);
    List<MappingNode> maps = new ArrayList<>();
    for (Node each : nodes) {
      if (!(each instanceof MappingNode map)) {
        throw new FormException(file, line(value), "expected a map, or a list of maps, to merge");
      }
      maps.add(map);
    }
    return maps;
  }

  /** A scalar as it is written. */
  String text(String expected) {
    if (!(node instanceof ScalarNode scalar) || isNull()) {
      throw error(expected);
    }
    return scalar.getValue();
  }

  /** A list of texts. */
  List<String> texts(String expected) {
    return list(expected).stream().map(entry -> entry.text("a text")).toList();
  }

  /** A text, number, boolean or null; null as well for what is no scalar. */
  Object scalar() {
    if (!(node instanceof ScalarNode scalar) || isNull()) {
      return null;
    }
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.FLOAT) && scalar.isPlain() && !isPythonFloat(scalar.getValue())) {
      return scalar.getValue();
    }
    if (tag.equals(Tag.BOOL) || tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
      return SCALARS.value(scalar);
    }
    return scalar.getValue();
  }

  /** All of it as maps, lists, texts, numbers, booleans and nulls. */
  Object tree() {
    if (isMap()) {
      Map<String, Object> tree = new LinkedHashMap<>();
      map("").forEach((key, value) -> tree.put(key, value.tree()));
      return tree;
    }
    if (isList()) {
      List<Object> tree = new ArrayList<>();
      list("").forEach(value -> tree.add(value.tree()));
      return tree;
    }
    Object scalar = scalar();
    if (scalar instanceof Double number && !Double.isFinite(number)) {
      throw error("a finite number");
    }
    return scalar;
  }

  /** Python's YAML takes an exponent only behind a dot, and with a sign. */
  private static boolean isPythonFloat(String text) {
    return text.matches("[^eE]*|[^eE]*\\.[^eE]*[eE][-+].*");
  }

  /**
   * Whether Python would take it for true; of a map or a list, whether there is something in it.
   */
  boolean isTruthy() {
    if (node instanceof SequenceNode sequence) {
      return !sequence.getValue().isEmpty();
    }
    if (node instanceof MappingNode mapping) {
      return !mapping.getValue().isEmpty();
    }
    Object scalar = scalar();
    if (scalar instanceof Boolean flag) {
      return flag;
    }
    if (scalar instanceof Number number) {
      return number.doubleValue() != 0;
    }
    return scalar != null && !((String) scalar).isEmpty();
  }

  /** A map, list or scalar as errors show it: one that is a URL without its password. */
  String shown() {
    return isMap()
        ? "a map"
        : isList() ? "a list" : isNull() ? "null" : PublisherUrl.shown(text("a scalar"));
  }

  /** Says what should stand here. */
  FormException error(String expected) {
    return refusal("expected " + expected + ", found " + shown());
  }

  /** Says that this is not right, in words of its own. */
  FormException refusal(String message) {
    return new FormException(file, line, message);
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }

  /** Makes numbers and booleans of scalars; keeps nothing of them. */
  private static final class Scalars extends SafeConstructor {
    Scalars() {
      super(new LoaderOptions());
    }

    Object value(ScalarNode node) {
      return yamlConstructors.get(node.getTag()).construct(node);
    }
  }
}
