package io.sonde.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.sonde.model.PythonText;
import io.sonde.query.Order;
import io.sonde.query.SampleFilter;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The body of a complex query: an object with {@code filter} and {@code orderby}, which are texts
 * that hold JSON, or JSON itself, and {@code limit}.
 */
record ComplexQuery(SampleFilter filter, List<Order> orders, int limit) {
  private static final Set<String> NAMES = Set.of("filter", "orderby", "limit");

  /** Fields to sort by. */
  private static final int MOST_ORDERS = 16;

  /** The query that a body asks, narrowed to what the caller may see. */
  static ComplexQuery parse(byte[] body, Caller caller, int defaultLimit) {
    Map<?, ?> arguments = arguments(body);
    Object filter = json(arguments.get("filter"), "Filter");
    Object orderBy = json(arguments.get("orderby"), "Order-by");
    SampleFilter all =
        filter == null
            ? SampleFilter.ALL
            : SampleFilter.of(new FilterExpression(caller).parse(filter));
    return new ComplexQuery(
        caller.scoped(all),
        orderBy == null ? List.of(Order.NEWEST) : orders(orderBy),
        limit(arguments.get("limit"), defaultLimit));
  }

  /** The same as it stood at the end of a second, since 1970. */
  ComplexQuery asOf(long second) {
    return new ComplexQuery(filter.asOf(second), orders, limit);
  }

  private static Map<?, ?> arguments(byte[] body) {
    Object tree;
    try (JsonParser parser = JsonTree.FACTORY.createParser(body)) {
      tree = read(parser);
    } catch (IOException | IllegalArgumentException e) {
      throw ApiException.badRequest("The request body is not JSON: " + why(e));
    }
    if (!(tree instanceof Map<?, ?> arguments)) {
      throw ApiException.badRequest("The request body is not a JSON object.");
    }
    Set<String> unknown = new TreeSet<>();
    arguments.keySet().forEach(name -> unknown.add((String) name));
    unknown.removeAll(NAMES);
    if (!unknown.isEmpty()) {
      throw ApiException.unknownArgument(String.join(", ", unknown));
    }
    return arguments;
  }

  /** What an argument says, whether as text or as it stands. */
  private static Object json(Object argument, String name) {
    if (!(argument instanceof String text)) {
      return argument;
    }
    try (JsonParser parser = JsonTree.FACTORY.createParser(text)) {
      return read(parser);
    } catch (IOException | IllegalArgumentException e) {
      throw ApiException.badRequest(name + " expression not valid: " + why(e));
    }
  }

  private static Object read(JsonParser parser) throws IOException {
    if (parser.nextToken() == null) {
      throw new IllegalArgumentException("there is nothing");
    }
    Object tree = JsonTree.read(parser);
    if (parser.nextToken() != null) {
      throw new IllegalArgumentException("something follows its end");
    }
    return tree;
  }

  private static String why(Exception e) {
    return ApiException.shown(
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage());
  }

  private static int limit(Object given, int absent) {
    if (given == null) {
      return absent;
    }
    BigInteger number;
    try {
      number =
          new BigInteger(
              given instanceof Number || given instanceof String ? given.toString().strip() : "");
    } catch (NumberFormatException e) {
      throw ApiException.invalidInput("limit", given, "unable to convert to int");
    }
    if (number.signum() <= 0) {
      throw ApiException.badRequest("Limit must be positive");
    }
    return number.min(BigInteger.valueOf(Integer.MAX_VALUE)).intValueExact();
  }

  private static List<Order> orders(Object tree) {
    if (!(tree instanceof List<?> list)) {
      throw invalidOrder(tree, "is not of type 'array'");
    }
    if (list.size() > MOST_ORDERS) {
      throw ApiException.badRequest(
          "Order-by expression not valid: more than " + MOST_ORDERS + " fields");
    }
    List<Order> orders = new ArrayList<>();
    for (Object one : list) {
      if (!(one instanceof Map<?, ?> map) || map.size() != 1) {
        throw invalidOrder(one, "is not an object with one field");
      }
      Map.Entry<?, ?> entry = map.entrySet().iterator().next();
      FilterExpression.Known field = FilterExpression.FIELDS.get(entry.getKey());
      if (field == null) {
        throw invalidOrder(
            entry.getKey(), "does not match any of the regexes: there is no such field to sort by");
      }
      String direction =
          entry.getValue() instanceof String text ? text.toLowerCase(Locale.ROOT) : "";
      if (!direction.equals("asc") && !direction.equals("desc")) {
        throw invalidOrder(entry.getValue(), "does not match '(?i)^asc$|^desc$'");
      }
      orders.add(new Order(field.field(), direction.equals("desc")));
    }
    return orders;
  }

  private static ApiException invalidOrder(Object what, String why) {
    return ApiException.badRequest(
        "Order-by expression not valid: "
            + ApiException.shown(
                PythonText.str(List.of(new Object[] {what})).replaceAll("^\\[|]$", ""))
            + " "
            + why);
  }
}
