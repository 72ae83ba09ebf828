package io.sonde.audit;

import io.sonde.model.Timestamps;
import io.sonde.store.PeriodStore.Sealed;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is to be sealed. Everything but its time is its selection: statements of a selection follow
 * each other, and a later one corrects the earlier ones.
 *
 * @param start microseconds, inclusive
 * @param end microseconds, exclusive
 * @param projectId null for all
 * @param meters patterns as of {@link io.sonde.model.NameFilter}, in order and each once
 * @param groupBy what is told apart, likewise
 * @param gap seconds between two samples up to which what lies between them is known
 */
public record Period(
    long start, long end, String projectId, List<String> meters, List<String> groupBy, long gap) {
  private static final int ID_DIGITS = 32;

  /** Puts the lists in order. */
  public Period {
    meters = meters.stream().distinct().sorted().toList();
    groupBy = groupBy.stream().distinct().sorted().toList();
  }

  /** Names what is asked for: who asks for the same again means the same statement. */
  public String id() {
    Map<String, Object> all = terms();
    all.put("start", Timestamps.format(start));
    all.put("end", Timestamps.format(end));
    return hex(sha256(CanonicalJson.bytes(all))).substring(0, ID_DIGITS);
  }

  String selection() {
    return hex(sha256(CanonicalJson.bytes(terms())));
  }

  boolean overlaps(Sealed other) {
    return start < other.end() && other.start() < end;
  }

  private Map<String, Object> terms() {
    Map<String, Object> terms = new TreeMap<>();
    terms.put("project_id", projectId);
    terms.put("meters", meters);
    terms.put("groupby", groupBy);
    terms.put("gap", gap);
    return terms;
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
