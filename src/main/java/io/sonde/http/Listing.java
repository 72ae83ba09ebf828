package io.sonde.http;

import static io.sonde.http.Presence.isGone;

import akka.NotUsed;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.japi.Pair;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.sonde.query.QueryService;
import io.sonde.query.SampleFilter;
import io.sonde.query.StoredSample;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Answers with a listing. A long one is read page by page as fast as the client takes it, so it
 * needs the memory of a page; one that fits a page names the next one in its {@code Link}.
 *
 * @param <T> the entries
 */
final class Listing<T> {
  /** Entries that are in memory at once, about 1 kB each. */
  static final int PAGE = 20_000;

  /**
   * A part of a listing.
   *
   * @param next says where the next part begins; null where there is none
   */
  record Page<T>(List<T> entries, Marker next) {
    /**
     * The part that ends before the last of the entries that were found, if these are one more than
     * its limit.
     *
     * @param marker of an entry: what follows begins behind it
     */
    static <T> Page<T> of(List<T> found, int limit, Function<T, Marker> marker) {
      return found.size() > limit
          ? new Page<>(found.subList(0, limit), marker.apply(found.get(limit - 1)))
          : new Page<>(found, null);
    }
  }

  /** Reads a part. */
  @FunctionalInterface
  interface Pages<T> {
    /**
     * At most so many entries.
     *
     * @param marker what the part before gave as its next, or null for the first
     */
    CompletionStage<Page<T>> read(Marker marker, int limit);
  }

  /** The entries of a listing's first part. */
  static int first(int limit) {
    return Math.min(limit, PAGE);
  }

  private final ListingFormat format;
  private final JsonAnswer.Writer<T> writer;
  private final int page;

  Listing(ListingFormat format, JsonAnswer.Writer<T> writer) {
    this(format, writer, PAGE);
  }

  /** With so many entries in memory at once. */
  Listing(ListingFormat format, JsonAnswer.Writer<T> writer, int page) {
    this.format = format;
    this.writer = writer;
    this.page = page;
  }

  /**
   * Samples, newest first; or, where the arguments ask for that, what it costs to find them.
   *
   * @param asOf of what had been recorded by then
   */
  static CompletionStage<HttpResponse> ofSamples(
      QueryService queries,
      SampleFilter filter,
      AsOf asOf,
      HttpRequest request,
      Arguments arguments,
      int limit,
      Listing<StoredSample> listing) {
    SampleFilter known = filter.asOf(asOf.second());
    QueryService asked = queries.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return asOf.ask(
          () -> Explanation.of(asked, counting -> counting.samples(known, first(limit))));
    }
    Marker marker = Marker.of(arguments);
    // Looked at before anything is read.
    Marker.place(marker);
    return asOf.ask(
        () ->
            listing.of(
                request,
                (from, most) ->
                    asked
                        .samples(known, Marker.place(from), most + 1)
                        .thenApply(found -> Page.of(found, most, Marker::of)),
                marker,
                limit));
  }

  /** All entries at once. */
  HttpResponse of(List<T> entries) {
    ByteString part = ByteString.fromArrayUnsafe(format.part(entries, true, writer));
    ByteString whole = part.concat(ByteString.fromArrayUnsafe(format.end()));
    return HttpResponse.create().withEntity(HttpEntities.create(format.contentType(), whole));
  }

  /** The entries from a marker on, which may be null. */
  CompletionStage<HttpResponse> of(HttpRequest request, Pages<T> pages, Marker marker, int limit) {
    return pages
        .read(marker, Math.min(limit, page))
        .thenApply(
            first ->
                first.next() == null || limit <= page
                    ? linked(of(first.entries()), request, first.next())
                    : stream(pages, first, limit));
  }

  /**
   * At most so many entries from a marker on, which may be null, of a list that is in memory.
   *
   * @param names the marker of an entry, another one for each
   * @throws ApiException when the marker is of none of them
   */
  HttpResponse of(
      HttpRequest request, List<T> all, Function<T, Marker> names, Marker marker, int limit) {
    int first = marker == null ? 0 : all.stream().map(names).toList().indexOf(marker) + 1;
    if (marker != null && first == 0) {
      throw Marker.unknown(marker.text());
    }
    int end = (int) Math.min(all.size(), (long) first + limit);
    return linked(
        of(all.subList(first, end)),
        request,
        end == all.size() ? null : names.apply(all.get(end - 1)));
  }

  /** What is left to be written. */
  private record Rest<T>(Page<T> page, int left, boolean isFirst) {}

  private HttpResponse stream(Pages<T> pages, Page<T> first, int limit) {
    Source<ByteString, NotUsed> parts =
        Source.unfoldAsync(
            new Rest<>(first, limit, true),
            rest ->
                rest.page() == null
                    ? CompletableFuture.completedStage(Optional.empty())
                    : next(pages, rest));
    Source<ByteString, NotUsed> end = Source.single(ByteString.fromArrayUnsafe(format.end()));
    return HttpResponse.create()
        .withEntity(
            HttpEntities.createChunked(
                format.contentType(), parts.concat(end).filter(part -> !part.isEmpty())));
  }

  /** The bytes of a page, while the one behind it is read. */
  private CompletionStage<Optional<Pair<Rest<T>, ByteString>>> next(Pages<T> pages, Rest<T> rest) {
    ByteString bytes =
        ByteString.fromArrayUnsafe(format.part(rest.page().entries(), rest.isFirst(), writer));
    int left = rest.left() - rest.page().entries().size();
    CompletionStage<Page<T>> following =
        rest.page().next() == null || left <= 0
            ? CompletableFuture.completedStage(null)
            : pages.read(rest.page().next(), Math.min(left, page));
    return following.thenApply(
        page -> Optional.of(Pair.create(new Rest<>(page, left, false), bytes)));
  }

  private static HttpResponse linked(HttpResponse response, HttpRequest request, Marker next) {
    return next == null ? response : response.addHeader(next.next(request));
  }
}
