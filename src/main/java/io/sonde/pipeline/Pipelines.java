package io.sonde.pipeline;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.PipelineStage.Batch;
import io.sonde.pipeline.PipelineStage.Command;
import io.sonde.pipeline.PipelineStage.Unavailable;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Starts the stages. */
public final class Pipelines {
  private Pipelines() {}

  /**
   * Makes this node one on which stages may live.
   *
   * @param deliver stores samples that come through the sink named, and completes when they are
   *     durable: the collectors
   */
  public static Stages start(
      ActorSystem<?> system,
      PipelineSettings settings,
      BiFunction<String, SampleBatch, CompletionStage<Receipt>> deliver) {
    Map<String, SinkDefinition> sinks =
        settings.sinks().stream()
            .collect(Collectors.toMap(SinkDefinition::name, Function.identity()));
    ClusterSharding sharding = ClusterSharding.get(system);
    sharding.init(
        Entity.of(PipelineStage.TYPE_KEY, entity -> stage(entity.getEntityId(), sinks, deliver))
            // A stage that waits to deliver looks idle from outside.
            .withSettings(ClusterShardingSettings.create(system).withNoPassivationStrategy()));
    return new Stages(
        settings.stagesPerSink(),
        (id, samples, timeout) ->
            sharding
                .entityRefFor(PipelineStage.TYPE_KEY, id)
                .ask(replyTo -> new Batch(samples, replyTo), timeout));
  }

  private static Behavior<Command> stage(
      String entityId,
      Map<String, SinkDefinition> sinks,
      BiFunction<String, SampleBatch, CompletionStage<Receipt>> deliver) {
    SinkDefinition sink = sinks.get(Stages.sink(entityId));
    return sink == null ? unknown(entityId) : PipelineStage.create(entityId, sink, deliver);
  }

  /** While nodes are given new definitions one by one, some do not know a sink that others do. */
  private static Behavior<Command> unknown(String entityId) {
    return Behaviors.receive(Command.class)
        .onMessage(
            Batch.class,
            batch -> {
              batch
                  .replyTo()
                  .tell(new Unavailable("this node's pipelines have no sink for " + entityId));
              return Behaviors.same();
            })
        .build();
  }
}
