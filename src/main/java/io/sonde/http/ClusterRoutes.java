package io.sonde.http;

import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.cluster.ClusterView;
import io.sonde.cluster.ClusterView.NodeView;
import io.sonde.cluster.Members;
import io.sonde.cluster.NodeReport;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.NodeReport.Hosted;
import io.sonde.cluster.NodeReport.PublisherLag;
import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.cluster.Role;
import io.sonde.model.Timestamps;
import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * {@code /v2/cluster}: who is in the cluster and what runs where. Every node serves it. For
 * administrators, as it is about all projects.
 */
final class ClusterRoutes {
  private final Supplier<CompletionStage<ClusterView>> cluster;

  ClusterRoutes(Supplier<CompletionStage<ClusterView>> cluster) {
    this.cluster = cluster;
  }

  Route route() {
    return pathPrefix(
        "cluster", () -> pathEndOrSingleSlash(() -> get(() -> Endpoint.json(this::show))));
  }

  private CompletionStage<HttpResponse> show(HttpRequest request) {
    Arguments.of(request, Set.of());
    if (Caller.of(request).onlyProject() != null) {
      throw new ApiException(
          StatusCodes.UNAUTHORIZED, "Not Authorized: the cluster is the administrators'");
    }
    return cluster.get().thenApply(view -> JsonAnswer.of(view, ClusterRoutes::write));
  }

  private static void write(ClusterView view, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("answered_by", view.answeredBy());
    out.writeBooleanField("complete", view.isComplete());
    writeRoles("missing_roles", view.missing(), out);
    out.writeArrayFieldStart("nodes");
    for (NodeView node : view.nodes()) {
      write(node.node(), node.report(), out);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(Members.Node node, NodeReport report, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("address", node.address());
    writeRoles("roles", node.roles(), out);
    out.writeStringField("state", node.state());
    out.writeBooleanField("reachable", node.isReachable());
    out.writeBooleanField("answered", report != null);
    if (report != null) {
      write(report, out);
    }
    out.writeEndObject();
  }

  private static void write(NodeReport report, JsonGenerator out) throws IOException {
    out.writeStringField("version", report.version());
    writeTime("up_since", report.startedAt(), out);
    out.writeStringField("http", report.http());
    out.writeBooleanField("ready", report.unready() == null);
    out.writeStringField("reason", report.unready());
    out.writeNumberField("in_flight_samples", report.inFlight());
    out.writeBooleanField("complete", !report.isCut());
    out.writeObjectFieldStart("entities");
    for (Hosted hosted : report.hosted()) {
      out.writeFieldName(hosted.kind().label().replace('-', '_'));
      write(hosted, out);
    }
    out.writeEndObject();
    out.writeArrayFieldStart("collectors");
    for (CollectorState collector : report.collectors()) {
      write(collector, out);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("publishers");
    for (PublisherLag lag : report.publishers()) {
      write(lag, out);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("stages");
    for (StageBacklog stage : report.stages()) {
      write(stage, out);
    }
    out.writeEndArray();
  }

  private static void write(Hosted hosted, JsonGenerator out) throws IOException {
    if (hosted.shards() < 0) {
      out.writeNull();
      return;
    }
    out.writeStartObject();
    out.writeNumberField("shards", hosted.shards());
    out.writeNumberField("entities", hosted.entities());
    out.writeEndObject();
  }

  private static void write(CollectorState collector, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("collector", collector.collector());
    out.writeNumberField("generation", collector.generation());
    out.writeNumberField("sequence", collector.sequence());
    out.writeNumberField("unflushed_events", collector.events());
    out.writeNumberField("unflushed_bytes", collector.bytes());
    out.writeNumberField("waiting_samples", collector.waiting());
    writeTime("last_flush", collector.lastFlush(), out);
    out.writeStringField("last_flush_outcome", collector.outcome());
    out.writeEndObject();
  }

  private static void write(PublisherLag lag, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("publisher", lag.publisher());
    out.writeNumberField("behind_seconds", lag.seconds());
    out.writeNumberField("behind_events", lag.events());
    out.writeNumberField("behind_bytes", lag.bytes());
    out.writeEndObject();
  }

  private static void write(StageBacklog stage, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("stage", stage.stage());
    out.writeNumberField("waiting_samples", stage.waiting());
    out.writeNumberField("outbox_samples", stage.outbox());
    out.writeEndObject();
  }

  private static void writeRoles(String name, Collection<Role> roles, JsonGenerator out)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (Role role : roles) {
      out.writeString(role.configName());
    }
    out.writeEndArray();
  }

  private static void writeTime(String name, long millis, JsonGenerator out) throws IOException {
    out.writeStringField(
        name, millis == 0 ? null : Timestamps.format(TimeUnit.MILLISECONDS.toMicros(millis)));
  }
}
