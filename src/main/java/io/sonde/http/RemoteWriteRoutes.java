package io.sonde.http;

import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaType;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.Route;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /api/v1/write}: Prometheus remote write 1.0. As its specification wants it, what can be
 * stored of a request is stored, even where the answer must be 400 for the rest: a sender does not
 * try again what was answered so.
 */
final class RemoteWriteRoutes {
  private static final String PROTO = "prometheus.WriteRequest";
  private static final Pattern PROTO_PARAMETER = Pattern.compile(";\\s*proto=\"?([^\";]*)");

  private final BodyReader bodies;
  private final long maxBody;
  private final RemoteWriteMapping mapping;
  private final RemoteWriteCache cache;
  private final LongFunction<String> refusal;
  private final Function<SampleBatch, CompletionStage<Receipt>> intake;

  RemoteWriteRoutes(
      BodyReader bodies,
      long maxBody,
      RemoteWriteSettings settings,
      LongFunction<String> refusal,
      Function<SampleBatch, CompletionStage<Receipt>> intake) {
    this.bodies = bodies;
    this.maxBody = maxBody;
    this.mapping = new RemoteWriteMapping(settings);
    this.cache =
        new RemoteWriteCache(Runtime.getRuntime().maxMemory() / 100 * settings.cachePercent());
    this.refusal = refusal;
    this.intake = intake;
  }

  Route route() {
    return pathPrefix(
        segment("api").slash("v1").slash("write"),
        () -> pathEndOrSingleSlash(() -> post(() -> Endpoint.of(this::write))));
  }

  private CompletionStage<HttpResponse> write(HttpRequest request) {
    try {
      checkHeaders(request);
    } catch (ApiException e) {
      return bodies.refuse(request, e);
    }
    Caller caller = Caller.of(request);
    return bodies.read(request, body -> take(body, caller));
  }

  private CompletionStage<HttpResponse> take(byte[] body, Caller caller) {
    int length = SnappyBlock.uncompressedLength(body, maxBody);
    RemoteWritten written = bodies.holding(length, () -> read(body, length, caller));
    written.count();
    CompletionStage<Receipt> stored =
        written.batch().isEmpty()
            ? CompletableFuture.completedFuture(Receipt.NOTHING)
            : intake.apply(written.batch());
    return stored.thenApply(receipt -> answer(written, receipt));
  }

  private RemoteWritten read(byte[] body, int length, Caller caller) {
    byte[] message = SnappyBlock.uncompress(body, length);
    return new RemoteWriteReader(message, length, cache, mapping, caller, refusal).read();
  }

  private static HttpResponse answer(RemoteWritten written, Receipt receipt) {
    int refused = written.refused() + receipt.refused();
    String first = written.firstRefusal() == null ? receipt.refusal() : written.firstRefusal();
    HttpResponse response =
        refused == 0
            ? HttpResponse.create().withStatus(StatusCodes.NO_CONTENT)
            : JsonAnswer.error(
                StatusCodes.BAD_REQUEST,
                "Refused "
                    + refused
                    + " of "
                    + (written.refused() + written.batch().size())
                    + " samples, the others are stored. The first: "
                    + first);
    return response.addHeaders(
        List.of(
            RawHeader.create("Sonde-Accepted", Integer.toString(receipt.accepted())),
            RawHeader.create("Sonde-Duplicate", Integer.toString(receipt.duplicate())),
            RawHeader.create("Sonde-Refused", Integer.toString(refused)),
            RawHeader.create("Sonde-Skipped", Integer.toString(written.skipped()))));
  }

  /** 415 tells senders of the newer version, and those that prefer zstd, to fall back. */
  private static void checkHeaders(HttpRequest request) {
    String encoding = request.getHeader("Content-Encoding").map(HttpHeader::value).orElse("none");
    if (!encoding.equalsIgnoreCase("snappy")) {
      throw unsupported("Content-Encoding " + encoding + " is not supported, snappy is expected.");
    }
    MediaType type = request.entity().getContentType().mediaType();
    if (!type.mainType().equals("application") || !type.subType().equals("x-protobuf")) {
      throw unsupported(
          "Unsupported content type " + type + ", application/x-protobuf is expected.");
    }
    Matcher proto = PROTO_PARAMETER.matcher(type.toString());
    if (proto.find() && !proto.group(1).equals(PROTO)) {
      throw unsupported(
          "Unsupported message "
              + ApiException.shown(proto.group(1))
              + ", "
              + PROTO
              + " is expected.");
    }
    String version =
        request.getHeader("X-Prometheus-Remote-Write-Version").map(HttpHeader::value).orElse("0");
    if (!version.matches("[01](\\..*)?")) {
      throw unsupported(
          "Remote write "
              + ApiException.shown(version)
              + " is not supported, 0.1.0 (remote write 1.0) is.");
    }
  }

  private static ApiException unsupported(String why) {
    return new ApiException(StatusCodes.UNSUPPORTED_MEDIA_TYPE, why);
  }
}
