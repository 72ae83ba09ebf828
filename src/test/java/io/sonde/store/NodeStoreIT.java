package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.TestPostgres;
import io.sonde.store.NodeStore.Row;
import io.sonde.store.NodeStore.Self;
import io.sonde.store.NodeStore.View;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStoreIT {
  private static final UUID FIRST = new UUID(1, 1);
  private static final UUID SECOND = new UUID(2, 2);

  @TempDir static Path folder;
  private static TestPostgres postgres;

  private DatabaseSettings settings;

  @BeforeAll
  static void startPostgres() {
    postgres = TestPostgres.start(folder);
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void newDatabase() throws SQLException {
    settings = postgres.newDatabase();
    Migrations.run(settings);
  }

  @Test
  void aNodeIsThereFromItsFirstBeatToItsRemoval() {
    try (NodeStore store = NodeStore.open(settings)) {
      assertThat(store.read().rows()).isEmpty();
      assertThat(store.read().epoch()).isNull();
      UUID databaseId = store.read().databaseId();
      assertThat(databaseId).isNotNull();

      Row first = only(store.write(new Self(7, "a:1", null)));
      assertThat(first.address()).isEqualTo("a:1");
      assertThat(first.epoch()).isNull();
      Row second = only(store.write(new Self(7, "a:1", FIRST)));
      assertThat(second.renewed()).isAfter(first.renewed());
      assertThat(only(store.renew(7)).renewed()).isAfter(second.renewed());
      assertThat(second.started()).isEqualTo(first.started());
      assertThat(second.epoch()).isEqualTo(FIRST);
      assertThat(second.age()).isLessThan(Duration.ofSeconds(10));

      store.remove(7);
      assertThat(store.read()).isEqualTo(new View(databaseId, null, List.of()));
    }
  }

  @Test
  void ofThoseThatFormAClusterAtOnceOneDoes() throws Exception {
    int count = 5;
    CyclicBarrier begin = new CyclicBarrier(count);
    List<CompletableFuture<Boolean>> outcomes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Self self = new Self(i, "node:" + i, new UUID(9, i));
      outcomes.add(
          CompletableFuture.supplyAsync(
              () -> forms(self, begin), work -> new Thread(work).start()));
    }
    List<Boolean> formed = outcomes.stream().map(CompletableFuture::join).toList();
    assertThat(formed).containsOnlyOnce(true);
    try (NodeStore store = NodeStore.open(settings)) {
      View view = store.read();
      assertThat(view.epoch()).isEqualTo(new UUID(9, formed.indexOf(true)));
      assertThat(view.members())
          .extracting(Row::incarnation)
          .containsExactly((long) formed.indexOf(true));
    }
  }

  private boolean forms(Self self, CyclicBarrier begin) {
    try (NodeStore store = NodeStore.open(settings)) {
      begin.await();
      return store.form(self, List.of());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aClusterIsReplacedOnlyWhenItsMembersAreAsTheyWereWhenTheyWereFoundDead() {
    try (NodeStore store = NodeStore.open(settings)) {
      Self former = new Self(1, "a:1", FIRST);
      assertThat(store.form(former, List.of())).isTrue();
      // One that looks for a cluster is no member.
      store.write(new Self(3, "c:1", null));
      List<Row> dead = store.read().members();

      store.write(former);
      assertThat(store.form(new Self(2, "b:1", SECOND), dead)).isFalse();
      assertThat(store.read().epoch()).isEqualTo(FIRST);

      assertThat(store.form(new Self(2, "b:1", SECOND), store.read().members())).isTrue();
      assertThat(store.read().epoch()).isEqualTo(SECOND);
      assertThat(store.read().rows()).extracting(Row::address).containsExactly("b:1", "c:1");

      // It wakes up: its row is not there any more, and stays away.
      assertThat(store.renew(1).rows()).extracting(Row::address).containsExactly("b:1", "c:1");
    }
  }

  private static Row only(View view) {
    assertThat(view.rows()).hasSize(1);
    return view.rows().get(0);
  }
}
