package io.sonde.pipeline;

import io.sonde.model.MeterType;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.pipeline.StageState.Change;
import java.util.ArrayList;
import java.util.List;

/**
 * How much memory the rates of many resources take in the state of stages, as they are recovered
 * from a snapshot. After {@code bench/jmh/run -h}:
 *
 * <pre>
 * java -Xmx1g -cp 'target/bench/jmh/classes:target/classes:target/lib/*' io.sonde.pipeline.StageMemory 1000000
 * 1000000 resources: 548 MB of heap, 141 MB of snapshots
 * </pre>
 */
public final class StageMemory {
  private static final int STAGES = 4;

  private StageMemory() {}

  public static void main(String[] arguments) {
    int resources = Integer.parseInt(arguments[0]);
    List<StageState> states = new ArrayList<>();
    long snapshots = 0;
    for (int stage = 0; stage < STAGES; stage++) {
      StageSnapshot snapshot = state(resources / STAGES, stage).snapshot();
      snapshots += snapshot.bytes().length;
      states.add(StageState.of(snapshot));
    }
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    long used = runtime.totalMemory() - runtime.freeMemory();
    System.out.printf(
        "%d resources: %d MB of heap, %d MB of snapshots%n",
        states.stream().mapToInt(state -> state.all().size()).sum(), used >> 20, snapshots >> 20);
  }

  private static StageState state(int resources, int stage) {
    StageState state = StageState.EMPTY;
    for (int i = 0; i < resources; i++) {
      Series series =
          new Series(
              "openstack",
              "cpu",
              MeterType.CUMULATIVE,
              "ns",
              "6a7b8c9d-%04d-4000-8000-%012d".formatted(stage, i),
              "0123456789abcdef0123456789ab%04d".formatted(i % 5_000),
              "fedcba9876543210fedcba987654%04d".formatted(i % 10_000),
              Series.NO_DIMENSIONS);
      Change change =
          new Change(i, new StageKey(0, series), new Reading(1_767_225_600_000_000L, i).bytes());
      state =
          state.apply(
              new Advanced(
                  i + 1,
                  i + 1,
                  1_767_225_600,
                  "",
                  null,
                  false,
                  List.of(change),
                  SampleBatch.of(List.of())));
    }
    return state;
  }
}
