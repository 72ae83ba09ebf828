package io.sonde.http;

import io.sonde.audit.AuditService;
import io.sonde.audit.Explainer;
import io.sonde.audit.PeriodService;
import io.sonde.cluster.ClusterView;
import io.sonde.model.Door;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.notification.Notifications;
import io.sonde.pipeline.LivePipelines;
import io.sonde.polling.PollingService;
import io.sonde.query.EventService;
import io.sonde.query.LiveSamples;
import io.sonde.query.QueryService;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * What stands behind the routes.
 *
 * @param queries answers questions
 * @param live gives samples as they are stored
 * @param pipelines the pipelines in force on this node
 * @param blocking for what waits for disks and databases
 * @param events answers questions about events
 * @param intake takes samples that came by a door; its answer means that they are durable and
 *     visible
 * @param eventIntake takes events; its answer means that they are durable
 * @param notifications takes notifications
 * @param polling says what is polled
 * @param audit makes checkpoints and proofs
 * @param periods seals billing periods
 * @param sealedMeters patterns of the meters that are sealed where none are named
 * @param refusal why a sample of this timestamp, in microseconds, is not taken; null when it is
 * @param unready why the node is not ready; null when it is
 * @param isApi whether this node serves the API; else it only tells of itself and of the cluster
 * @param cluster says how it stands with the cluster
 * @param explainer says where samples come from
 */
public record ApiServices(
    QueryService queries,
    LiveSamples live,
    LivePipelines pipelines,
    Executor blocking,
    EventService events,
    BiFunction<Door, SampleBatch, CompletionStage<Receipt>> intake,
    Function<List<Event>, CompletionStage<Receipt>> eventIntake,
    Notifications notifications,
    PollingService polling,
    AuditService audit,
    PeriodService periods,
    List<String> sealedMeters,
    LongFunction<String> refusal,
    Supplier<String> unready,
    boolean isApi,
    Supplier<CompletionStage<ClusterView>> cluster,
    Explainer explainer) {}
