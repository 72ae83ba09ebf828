package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.TestPostgres;
import io.sonde.store.DiscoveredStore.Discovered;
import io.sonde.store.DiscoveredStore.Searcher;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of discoveries on a real PostgreSQL. */
class DiscoveredStoreIT {
  private static final Searcher HERE = new Searcher("s", "libvirt@a");
  private static final Searcher THERE = new Searcher("s", "libvirt@b");
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");

  @TempDir static Path folder;

  @Test
  void whatIsWrittenIsReadByTheSameDiscoveryOnly() throws Exception {
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings settings = postgres.newDatabase();
      Migrations.run(settings);
      tryIn(settings);
    }
  }

  private static void tryIn(DatabaseSettings settings) {
    try (Database database = Database.open(settings)) {
      DiscoveredStore store = new DiscoveredStore(database);
      assertThat(store.load(HERE).all()).isEmpty();
      assertThat(store.load(HERE).lastComplete()).isNull();

      Discovered one = new Discovered("p", "r/1", NOON, null);
      Discovered two = new Discovered("p", "r'2", NOON, NOON.plusSeconds(5));
      store.update(HERE, NOON, List.of(one, two), List.of());
      assertThat(store.load(HERE).all()).containsExactlyInAnyOrder(one, two);
      assertThat(store.load(HERE).lastComplete()).isEqualTo(NOON);
      assertThat(store.load(THERE).all()).isEmpty();

      store.update(THERE, null, List.of(one), List.of());
      List<String> ids = List.of("r/1", "r'2", "r3");
      assertThat(store.knownElsewhere(HERE, ids)).containsExactly("r/1");
      // What is missed here is not known here.
      assertThat(store.knownElsewhere(THERE, ids)).containsExactly("r/1");
      assertThat(store.knownElsewhere(new Searcher("t", "x"), ids)).containsExactly("r/1");

      Discovered again = new Discovered("p", "r'2", NOON.plusSeconds(60), null);
      store.update(HERE, NOON.plusSeconds(60), List.of(again), List.of(one, two));
      assertThat(store.load(HERE).all()).containsExactly(again);
      assertThat(store.load(HERE).lastComplete()).isEqualTo(NOON.plusSeconds(60));
      assertThat(store.load(THERE).all()).containsExactly(one);
    }
  }
}
