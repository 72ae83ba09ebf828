package io.sonde.ceilometer;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Gives each name one that Sonde takes: letters, digits, dots, - and _, 100 at most, and unique.
 */
final class Names {
  private static final int MAX_LENGTH = 100;
  private static final int ROOM_FOR_NUMBER = 8;

  private final Map<String, String> renamed = new HashMap<>();

  /**
   * @param names distinct ones; those that are fine keep what they are
   */
  Names(Collection<String> names) {
    Set<String> taken = new HashSet<>();
    for (String name : names) {
      if (isFine(name)) {
        renamed.put(name, name);
        taken.add(name);
      }
    }
    for (String name : names) {
      renamed.computeIfAbsent(name, odd -> free(odd, taken));
    }
  }

  String of(String name) {
    return renamed.get(name);
  }

  private static boolean isFine(String name) {
    return name.matches("[A-Za-z0-9._-]{1," + MAX_LENGTH + "}");
  }

  private static String free(String odd, Set<String> taken) {
    String plain = odd.isEmpty() ? "unnamed" : odd.replaceAll("[^A-Za-z0-9._-]+", "-");
    String base = plain.substring(0, Math.min(plain.length(), MAX_LENGTH - ROOM_FOR_NUMBER));
    String name = base;
    for (int i = 2; !taken.add(name); i++) {
      name = base + "-" + i;
    }
    return name;
  }
}
