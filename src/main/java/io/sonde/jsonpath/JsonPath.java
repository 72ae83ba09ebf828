package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A path over trees of JSON, in the dialect of Python's jsonpath-rw with its extensions, which
 * docs/notifications.md describes. Compiled once; for use by many threads.
 */
public final class JsonPath {
  private final String text;
  private final Step step;

  /** The names, where the path is nothing but fields of fields; else null. Most paths are. */
  private final List<String> names;

  private JsonPath(String text, Step step) {
    this.text = text;
    this.step = step;
    List<String> chain = new ArrayList<>();
    this.names = collect(step, chain) ? List.copyOf(chain) : null;
  }

  /**
   * Reads a path.
   *
   * @throws JsonPathException when it is none; the message names the position
   */
  public static JsonPath parse(String text) {
    return new JsonPath(text, PathParser.parse(text));
  }

  private static boolean collect(Step step, List<String> names) {
    if (step instanceof Step.Child child) {
      return collect(child.first(), names)
          && !(child.second() instanceof Step.Root)
          && collect(child.second(), names);
    }
    if (step instanceof Step.Fields fields && fields.names().size() == 1) {
      names.add(fields.names().get(0));
      return true;
    }
    return step instanceof Step.Root && names.isEmpty();
  }

  /**
   * All values that it finds, nulls too, in their order.
   *
   * @throws JsonPathException when the search takes too many steps
   */
  public List<JsonNode> all(JsonNode root) {
    if (names != null) {
      JsonNode value = follow(root);
      return value.isMissingNode() ? List.of() : List.of(value);
    }
    return step.all(Scope.of(root), root);
  }

  /**
   * The first value that it finds and that is not null; {@link MissingNode} where there is none.
   *
   * @throws JsonPathException when the search takes too many steps
   */
  public JsonNode first(JsonNode root) {
    if (names != null) {
      JsonNode value = follow(root);
      return value.isNull() ? MissingNode.getInstance() : value;
    }
    for (JsonNode value : step.all(Scope.of(root), root)) {
      if (!value.isNull()) {
        return value;
      }
    }
    return MissingNode.getInstance();
  }

  private JsonNode follow(JsonNode root) {
    JsonNode value = root;
    for (int i = 0; i < names.size() && !value.isMissingNode(); i++) {
      value = value.path(names.get(i));
    }
    return value;
  }

  /** The path as it was written. */
  @Override
  public String toString() {
    return text;
  }
}
