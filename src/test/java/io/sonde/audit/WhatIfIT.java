package io.sonde.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sonde.audit.WhatIf.Difference;
import io.sonde.audit.WhatIf.Differing;
import io.sonde.model.Door;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Provenance;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.PipelineStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other pipelines over what came in: what they make, and that nothing is stored. */
class WhatIfIT {
  private static final long START = Timestamps.parse("2026-03-01T00:00:00");
  private static final long SECOND = 1_000_000;

  @TempDir static Path folder;

  @Test
  void comparesWhatTwoDefinitionsMake() throws Exception {
    PipelineSettings present = pipelines(1);
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings settings = postgres.newDatabase();
      try (TestNode node = TestNode.start(settings)) {
        new PipelineStore(node.database)
            .recordVersion(present.version(), present.tag(), present.definitions());
        for (int i = 0; i < 5; i++) {
          SampleBatch raw =
              SampleBatch.of(List.of(sample("work", "a", i, i * i), sample("work", "b", i, 7)));
          add(node, "store", present, raw);
          // What came out of a sink did not come in.
          add(node, "growth", present, SampleBatch.of(List.of(sample("growth", "a", i, 99))));
        }
        String rows = "SELECT count(*) FROM event_journal";
        long before = TestPostgres.number(settings, rows);

        WhatIf same = new WhatIf(node.database, 4, present, pipelines(1), Door.HTTP);
        SortedMap<String, Difference> nothing = same.run(START, START + 60 * SECOND, Set.of());
        assertThat(same.taken()).isEqualTo(10);
        assertThat(nothing.keySet()).containsExactly("growth", "work");
        assertThat(nothing.get("growth").presentCount()).isEqualTo(8);
        assertThat(nothing.get("growth").presentSum()).isEqualTo(16);
        assertThat(nothing.values()).allSatisfy(one -> assertThat(one.differing()).isZero());

        WhatIf other = new WhatIf(node.database, 4, present, pipelines(10), Door.HTTP);
        Difference growth =
            other.run(START + SECOND, START + 60 * SECOND, Set.of("a")).get("growth");
        assertThat(other.taken()).isEqualTo(4);
        assertThat(growth.presentCount()).isEqualTo(3);
        assertThat(growth.candidateCount()).isEqualTo(3);
        assertThat(growth.presentSum()).isEqualTo(15);
        assertThat(growth.candidateSum()).isEqualTo(150);
        assertThat(growth.differing()).isEqualTo(3);
        assertThat(growth.first(1))
            .containsExactly(new Differing("a", START + 2 * SECOND, 3.0, 30.0));
        assertThat(TestPostgres.number(settings, rows)).isEqualTo(before);
      }
    }
  }

  @Test
  void aVersionOnRecordIsReadAgain() {
    PipelineSettings settings = pipelines(3);
    assertThat(PipelineSettings.ofDefinitions(settings.definitions()).version())
        .isEqualTo(settings.version());
  }

  private static void add(TestNode node, String sink, PipelineSettings by, SampleBatch batch)
      throws Exception {
    TestNode.get(node.collectors.add(Provenance.of(sink, by.tag()), batch));
  }

  private static PipelineSettings pipelines(int scale) {
    return PipelineSettings.from(
        ConfigFactory.parseString(
                """
                pipeline.sources = [
                  { name = all, meters = ["*"], sinks = [store] }
                  { name = growth, doors = [http], meters = [work], sinks = [growth] }
                ]
                pipeline.sinks = [
                  { name = store, publishers = ["collector://"] }
                  { name = growth, publishers = ["collector://"], transformers = [
                    { name = delta, parameters { target { name = growth } } }
                    { name = unit_conversion, parameters { target { scale = %d } } }
                  ] }
                ]
                """
                    .formatted(scale))
            .withFallback(ConfigFactory.load().getConfig("sonde")));
  }

  private static Sample sample(String meter, String resource, int second, double volume) {
    return new Sample(
        new Series(
            "s", meter, MeterType.CUMULATIVE, "x", resource, "p", null, Series.NO_DIMENSIONS),
        START + second * SECOND,
        volume,
        SampleKey.NONE,
        Metadata.EMPTY);
  }
}
