package io.sonde.ceilometer;

import io.sonde.ceilometer.Pipes.Block;
import io.sonde.model.NameFilter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Translates sources of polling. Ceilometer's meters are its pollsters, each of which knows how to
 * find what it polls; Sonde's sources name what finds it. So the meters of a source choose its
 * discoveries.
 */
final class PollingTranslation {
  /** How long a listing of a whole cloud may take. */
  private static final long TIMEOUT = 60;

  /**
   * A source as it was read.
   *
   * @param interval in seconds
   * @param resources what it lists
   * @param discoveries what it names
   */
  record Source(
      YamlValue entry,
      String name,
      long interval,
      Filter filter,
      List<YamlValue> resources,
      List<YamlValue> discoveries) {}

  private final PollingCheck check;
  private final Remarks remarks;
  private final Map<String, String> discoveries;
  private final Set<String> names;

  /** The meters that a source before polls at the same interval: they are polled once. */
  private final Map<Long, Map<String, String>> taken = new TreeMap<>();

  private final List<Block> blocks = new ArrayList<>();

  /**
   * @param dynamic the discoveries of dynamic pollsters, by names; null of one that is lost
   */
  PollingTranslation(PollingCheck check, Map<String, String> dynamic, Remarks remarks) {
    this.check = check;
    this.remarks = remarks;
    this.discoveries = new LinkedHashMap<>(PolledMeters.DISCOVERIES);
    this.discoveries.putAll(dynamic);
    this.names = check.sources();
  }

  /** Entries as in {@code sonde.polling.sources}. */
  List<Block> translate(List<Source> sources) {
    sources.forEach(this::translate);
    return blocks;
  }

  private void translate(Source source) {
    source.discoveries().forEach(each -> remark(source, each));
    List<String> resources = resources(source);
    List<String> patterns = new ArrayList<>();
    Set<String> meters = meters(source, !resources.isEmpty(), patterns);
    Map<String, String> others =
        taken.computeIfAbsent(source.interval(), interval -> new LinkedHashMap<>());
    Set<String> left = new LinkedHashSet<>(meters);
    if (resources.isEmpty()) {
      left.removeAll(others.keySet());
      if (left.isEmpty() && !meters.isEmpty()) {
        remarks.note(
            source.entry(),
            "polling of "
                + source.name()
                + " is left out: the source "
                + others.get(meters.iterator().next())
                + " polls its meters at the same interval");
        return;
      }
      meters.stream().filter(others::containsKey).forEach(each -> patterns.add("!" + each));
    }
    left.forEach(meter -> others.putIfAbsent(meter, source.name()));
    Set<String> finders = new LinkedHashSet<>();
    left.forEach(meter -> finders.add(discoveries.get(meter)));
    finders.remove(PolledMeters.SNMP);
    boolean readsInstances =
        finders.contains(PolledMeters.LIBVIRT) && finders.remove(PolledMeters.NOVA);
    finders.removeIf(each -> !isTaken(source, each));
    if (finders.isEmpty() && resources.isEmpty()) {
      remarks.lost(
          source.entry(), "polling of " + source.name() + ": nothing of it could be carried over");
      return;
    }
    add(source, source.name(), finders, resources, patterns);
    if (readsInstances && isTaken(source, PolledMeters.NOVA)) {
      // Both tell more of instances than this: it would come twice.
      add(
          source,
          source.name() + "-" + PolledMeters.NOVA,
          Set.of(PolledMeters.NOVA),
          List.of(),
          List.of("instance"));
    }
  }

  private void add(
      Source source,
      String name,
      Set<String> finders,
      List<String> resources,
      List<String> patterns) {
    Map<String, Object> block = new LinkedHashMap<>();
    block.put("name", unique(source.entry(), name));
    block.put("interval", source.interval() + "s");
    block.put("timeout", Math.min(TIMEOUT, source.interval()) + "s");
    block.put("meters", patterns);
    if (!finders.isEmpty()) {
      block.put("discovery", List.copyOf(finders));
    }
    if (!resources.isEmpty()) {
      block.put("resources", resources);
    }
    Optional<String> refusal = check.refusalOfSource(block);
    if (refusal.isPresent()) {
      remarks.lost(source.entry(), "polling of " + name + ": " + refusal.get());
    } else {
      blocks.add(new Block(source.entry(), block));
    }
  }

  private String unique(YamlValue entry, String name) {
    String base = name.isBlank() ? "unnamed" : name.replace('/', '-');
    String unique = base;
    for (int i = 2; !names.add(unique); i++) {
      unique = base + "-" + i;
    }
    if (!unique.equals(name)) {
      remarks.note(entry, "the name " + name + " becomes " + unique);
    }
    return unique;
  }

  /** Whether Sonde has a discovery, which is said where not. */
  private boolean isTaken(Source source, String discovery) {
    boolean isTaken =
        check
            .refusalOfSource(
                Map.of("name", "check", "interval", "1s", "discovery", List.of(discovery)))
            .isEmpty();
    if (!isTaken) {
      remarks.lost(
          source.entry(),
          "polling of " + source.name() + ": Sonde has no discovery " + discovery + " here");
    }
    return isTaken;
  }

  /**
   * The meters that Sonde polls of those that a source names.
   *
   * @param hasAgents whether the source lists agents of SNMP
   * @param patterns gets those of the source that are of use
   */
  private Set<String> meters(Source source, boolean hasAgents, List<String> patterns) {
    Set<String> meters = new LinkedHashSet<>();
    if (source.filter().patterns().isEmpty()) {
      return meters;
    }
    NameFilter filter = NameFilter.of(source.filter().patterns(), "meters");
    discoveries.forEach(
        (meter, discovery) -> {
          boolean isPolled =
              discovery != null && (hasAgents || !discovery.equals(PolledMeters.SNMP));
          if (isPolled && filter.matches(meter)) {
            meters.add(meter);
          }
        });
    for (String pattern : source.filter().patterns()) {
      boolean isExclusion = pattern.startsWith("!");
      boolean isOfUse =
          isExclusion || meters.stream().anyMatch(NameFilter.of(List.of(pattern), "")::matches);
      if (isOfUse) {
        // Of one that is named by its metrics the names are not known.
        patterns.add(pattern.replaceAll("\\{[^{}]*\\}", "*"));
      } else if (!discoveries.containsKey(pattern) || discoveries.get(pattern) != null) {
        remarks.lost(source.entry(), "polling of " + source.name() + ": " + why(pattern));
      }
    }
    return meters;
  }

  private String why(String pattern) {
    if (PolledMeters.OTHERWISE.containsKey(pattern)) {
      return pattern + ": " + PolledMeters.OTHERWISE.get(pattern);
    }
    return PolledMeters.SNMP.equals(discoveries.get(pattern))
        ? pattern + ": the source lists no agents as snmp://…"
        : "Sonde has no pollster for " + pattern;
  }

  private List<String> resources(Source source) {
    List<String> resources = new ArrayList<>();
    for (YamlValue value : source.resources()) {
      String url = url(value);
      Optional<String> refusal =
          check.refusalOfSource(
              Map.of("name", "check", "interval", "1s", "resources", List.of(url)));
      boolean isOfAgent = url.startsWith(PolledMeters.SNMP + ":");
      if (isOfAgent && refusal.isEmpty()) {
        resources.add(url);
      } else {
        // Communities and passwords stand in them.
        String shown = url.replaceFirst("//[^/@]*@", "//***@").replaceFirst("\\?.*", "");
        remarks.lost(
            value,
            "polling of "
                + source.name()
                + ": the resource "
                + shown
                + (isOfAgent
                    // What stands before it shows the URL, with what may be secret.
                    ? ": expected " + refusal.get().replaceFirst("(?s).*\" is not ", "")
                    : ": Sonde has no pollster for it"));
      }
    }
    return resources;
  }

  private static String url(YamlValue value) {
    if (!value.isMap()) {
      return value.text("a text");
    }
    Map<String, YamlValue> keys = value.map("a resource");
    String url = keys.get("resource_url").text("a URL");
    YamlValue id = keys.get("resource_id");
    return id == null || id.isNull()
        ? url
        : url
            + (url.indexOf('?') < 0 ? "?" : "&")
            + "resource="
            + URLEncoder.encode(id.text("an id"), StandardCharsets.UTF_8);
  }

  private void remark(Source source, YamlValue discovery) {
    String text = discovery.text("a text");
    if (text.startsWith("tripleo_overcloud_nodes")) {
      remarks.lost(
          discovery,
          "polling of "
              + source.name()
              + ": the discovery "
              + text
              + ": Sonde polls the agents that are listed as resources");
    } else {
      remarks.note(
          discovery,
          "the discovery "
              + text.replaceFirst(":.*", "")
              + " is left out: here the meters say what is looked for");
    }
  }
}
