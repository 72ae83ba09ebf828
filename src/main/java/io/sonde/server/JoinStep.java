package io.sonde.server;

import io.sonde.store.NodeStore.Row;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a node that is in no cluster does next. Only one cluster may live on a database: one is
 * formed when no member of the former is alive for all that is known, and else it is joined.
 */
sealed interface JoinStep {
  /** Forms a cluster, unless another node is faster. */
  record Form(List<Row> dead) implements JoinStep {}

  /** Asks these nodes, {@code host:port}, to be let in. */
  record Ask(Set<String> contacts, String why) implements JoinStep {}

  /** Looks again. */
  record Watch(String why) implements JoinStep {}

  /** Gives up: what is configured cannot be. */
  record Refuse(String why) implements JoinStep {}

  /** Seed nodes get so long to say that they are in a cluster before one is formed. */
  Duration ASK_FIRST = Duration.ofSeconds(2);

  /**
   * How a node is set up.
   *
   * @param address its own, {@code host:port}: whoever had it before is not there any more
   * @param isDatabaseOwn whether no other node can use its database
   * @param seeds seed nodes, which it may be among
   * @param isFirstTime whether the process was in no cluster yet
   */
  record Setup(String address, boolean isDatabaseOwn, List<String> seeds, boolean isFirstTime) {
    /** Whether it must be a cluster of its own. */
    boolean isAlone() {
      return seeds.isEmpty();
    }
  }

  /**
   * Decides.
   *
   * @param members of the cluster that owns the database, without this node
   * @param state how it stands with them
   * @param trying for how long this node has been without a cluster
   */
  static JoinStep of(
      Setup setup, List<Row> members, Function<Row, Sightings.State> state, Duration trying) {
    List<Row> perhapsAlive =
        members.stream().filter(row -> state.apply(row) != Sightings.State.DEAD).toList();
    if (setup.isDatabaseOwn() || (setup.isAlone() && perhapsAlive.isEmpty())) {
      return new Form(members);
    }
    if (setup.isAlone()) {
      return perhapsAlive.stream()
          .filter(row -> state.apply(row) == Sightings.State.ALIVE)
          .findFirst()
          .<JoinStep>map(row -> new Refuse(refusal(row)))
          .orElseGet(() -> new Watch("waiting to see whether " + shown(perhapsAlive) + " is dead"));
    }
    Set<String> contacts = new LinkedHashSet<>();
    perhapsAlive.forEach(row -> contacts.add(row.address()));
    contacts.addAll(setup.seeds());
    contacts.remove(setup.address());
    if (perhapsAlive.isEmpty()) {
      boolean isAskedEnough =
          contacts.isEmpty() || !setup.isFirstTime() || trying.compareTo(ASK_FIRST) >= 0;
      return isAskedEnough ? new Form(members) : new Ask(contacts, "asking the seed nodes");
    }
    String why = "waiting for an answer of " + shown(perhapsAlive);
    return contacts.isEmpty() ? new Watch(why) : new Ask(contacts, why);
  }

  private static String shown(List<Row> rows) {
    return rows.stream().map(Row::address).collect(Collectors.joining(", "));
  }

  private static String refusal(Row other) {
    return "the node at "
        + other.address()
        + ", seen "
        + other.age().toMillis()
        + " ms ago, has a cluster on this database: to join it set sonde.cluster.seed-nodes = [\""
        + other.address()
        + "\"], else another sonde.database.url";
  }
}
