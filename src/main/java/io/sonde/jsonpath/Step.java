package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A part of a path: finds, from a value, any number of values, in their order. */
interface Step {
  void find(Scope scope, JsonNode from, Consumer<JsonNode> found);

  /** All that is found. */
  default List<JsonNode> all(Scope scope, JsonNode from) {
    List<JsonNode> all = new ArrayList<>(2);
    find(scope, from, all::add);
    return all;
  }

  /** {@code $}. */
  record Root() implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      found.accept(scope.root());
    }
  }

  /** {@code @}, and {@code `this`}. */
  record This() implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      found.accept(from);
    }
  }

  /** The fields of these names, as far as the value has them. */
  record Fields(List<String> names) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      scope.spend(names.size());
      for (String name : names) {
        JsonNode value = from.get(name);
        if (value != null) {
          found.accept(value);
        }
      }
    }
  }

  /** {@code *}: all fields of an object. */
  record AllFields() implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      if (from.isObject()) {
        scope.spend(from.size());
        from.forEach(found);
      }
    }
  }

  /** An entry of a list, from its end where the index is below 0. */
  record Index(int index) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      scope.spend(1);
      if (from.isArray()) {
        JsonNode value = from.get(index < 0 ? from.size() + index : index);
        if (value != null) {
          found.accept(value);
        }
      }
    }
  }

  /**
   * Entries of a list from one index to before another, either null; a value is a list of itself.
   */
  record Slice(Integer from, Integer to) implements Step {
    @Override
    public void find(Scope scope, JsonNode value, Consumer<JsonNode> found) {
      boolean isList = value.isArray();
      int size = isList ? value.size() : value.isNull() ? 0 : 1;
      int end = to == null ? size : place(to, size);
      scope.spend(size);
      for (int i = from == null ? 0 : place(from, size); i < end; i++) {
        found.accept(isList ? value.get(i) : value);
      }
    }

    private static int place(int index, int size) {
      return Math.max(0, Math.min(size, index < 0 ? size + index : index));
    }
  }

  /** {@code a.b}: what the second finds from each that the first finds. */
  record Child(Step first, Step second) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      scope.spend(1);
      first.find(scope, from, value -> second.find(scope, value, found));
    }
  }

  /** {@code a..b}: what the second finds from each that the first finds, and from all within. */
  record Descendants(Step first, Step second) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      first.find(scope, from, value -> descend(scope, value, found));
    }

    private void descend(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      scope.spend(1);
      second.find(scope, from, found);
      for (JsonNode inner : from) {
        descend(scope, inner, found);
      }
    }
  }

  /** {@code a|b}: what the one finds, then what the other finds. */
  record Union(Step first, Step second) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      scope.spend(1);
      first.find(scope, from, found);
      second.find(scope, from, found);
    }
  }

  /** {@code a where b}: of what the first finds, that from which the second finds something. */
  record Where(Step first, Step second) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      first.find(
          scope,
          from,
          value -> {
            scope.spend(1);
            if (!second.all(scope, value).isEmpty()) {
              found.accept(value);
            }
          });
    }
  }

  /** {@code `len`}: entries of a list or an object, characters of a text. */
  record Length() implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      if (from.isContainerNode()) {
        found.accept(JsonNodeFactory.instance.numberNode(from.size()));
      } else if (from.isTextual()) {
        String text = from.textValue();
        scope.spend(text.length() / 64);
        found.accept(JsonNodeFactory.instance.numberNode(text.codePointCount(0, text.length())));
      }
    }
  }

  /**
   * {@code `sorted`}: a list of numbers or of texts in order, or the names of an object's fields.
   */
  record Sorted() implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      List<JsonNode> entries = new ArrayList<>();
      if (from.isObject()) {
        from.fieldNames()
            .forEachRemaining(name -> entries.add(JsonNodeFactory.instance.textNode(name)));
      } else if (from.isArray()) {
        from.forEach(entries::add);
      } else {
        return;
      }
      scope.spend(entries.size() * 16);
      boolean areTexts = entries.stream().allMatch(JsonNode::isTextual);
      if (areTexts || entries.stream().allMatch(JsonNode::isNumber)) {
        entries.sort(Values::compare);
        ArrayNode sorted = JsonNodeFactory.instance.arrayNode(entries.size());
        found.accept(sorted.addAll(entries));
      }
    }
  }

  /** {@code `split(c, segment, max)`}: one part of a text that is cut at a character. */
  record Split(String separator, int segment, int most) implements Step {
    @Override
    public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
      if (!from.isTextual()) {
        return;
      }
      String text = from.textValue();
      scope.spend(1 + text.length() / 64);
      int begin = 0;
      for (int part = 0; begin >= 0; part++) {
        int end = most >= 0 && part >= most ? -1 : text.indexOf(separator, begin);
        if (part == segment) {
          String cut = end < 0 ? text.substring(begin) : text.substring(begin, end);
          found.accept(JsonNodeFactory.instance.textNode(cut));
          return;
        }
        begin = end < 0 ? -1 : end + separator.length();
      }
    }
  }
}
