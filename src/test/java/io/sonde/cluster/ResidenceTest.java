package io.sonde.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import org.junit.jupiter.api.Test;

class ResidenceTest {
  private static final Labels KIND = Labels.of("kind", "stage");

  @Test
  void anEntityIsCountedWhileItIsHereAndOnceForEachWay() {
    Residence.begin(EntityKind.STAGE, "earlier").end("stopped");
    double here = here();
    double in = handovers("in");
    double out = handovers("out");
    long recoveries = recoveries();

    Residence residence = Residence.begin(EntityKind.STAGE, "s~0");
    assertThat(here()).isEqualTo(here + 1);
    assertThat(handovers("in")).isEqualTo(in);
    residence.recovered("outbox=0");
    residence.recovered("outbox=0");
    assertThat(handovers("in")).isEqualTo(in + 1);
    assertThat(recoveries()).isEqualTo(recoveries + 1);

    // What fails and recovers where it is has not come from elsewhere.
    residence.failed();
    residence.failed();
    residence.recovered("outbox=0");
    assertThat(recoveries()).isEqualTo(recoveries + 2);
    assertThat(handovers("in")).isEqualTo(in + 1);

    residence.end("handed over");
    residence.end("stopped");
    assertThat(here()).isEqualTo(here);
    assertThat(handovers("out")).isEqualTo(out + 1);
  }

  private static double here() {
    return ((GaugeDataPointSnapshot) point("sonde_entities", KIND)).getValue();
  }

  private static double handovers(String direction) {
    DataPointSnapshot point =
        point("sonde_handovers", Labels.of("kind", "stage", "direction", direction));
    return point == null ? 0 : ((CounterDataPointSnapshot) point).getValue();
  }

  private static long recoveries() {
    DataPointSnapshot point = point("sonde_recovery_seconds", KIND);
    return point == null ? 0 : ((HistogramDataPointSnapshot) point).getCount();
  }

  private static DataPointSnapshot point(String name, Labels labels) {
    return PrometheusRegistry.defaultRegistry.scrape(name::equals).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .filter(point -> point.getLabels().equals(labels))
        .findFirst()
        .orElse(null);
  }
}
