package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One look at all that services list, endpoint by endpoint and page by page. A page is let go of
 * once its entries are read. What fails on the way costs what would have come after it at that
 * endpoint, and no more. For one use; its steps follow each other, on whatever threads.
 */
final class Look {
  /** No cloud has so many pages; a service that goes round in a circle has. */
  static final int MAX_PAGES = 2_000;

  private static final int MAX_REMARKS = 10;

  private final CloudSession session;
  private final int pageSize;
  private final Function<Entry, Found> reader;
  private final Limit limit;

  private final Map<String, Found> found = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private int unsaid;
  private int pages;

  /**
   * @param pageSize entries that a page is to have
   * @param reader what an entry tells, null when it does not count; fails when it has no id
   */
  Look(CloudSession session, int pageSize, Limit limit, Function<Entry, Found> reader) {
    this.session = session;
    this.pageSize = pageSize;
    this.reader = reader;
    this.limit = limit;
  }

  /** All that is listed; failed with a {@link PollException} when no page of it could be read. */
  CompletionStage<Findings> at(List<Listing> listings) {
    CompletionStage<Void> done = CompletableFuture.completedFuture(null);
    for (Listing listing : listings) {
      done =
          done.thenCompose(before -> session.endpoints(listing.service(), limit))
              .thenCompose(endpoints -> atEach(endpoints, listing));
    }
    return done.thenApply(all -> findings());
  }

  private CompletionStage<Void> atEach(List<URI> endpoints, Listing listing) {
    if (endpoints.isEmpty()) {
      throw new PollException("the catalog has no endpoint of " + listing.service());
    }
    CompletionStage<Void> done = CompletableFuture.completedFuture(null);
    for (URI endpoint : endpoints) {
      String base = Endpoints.versioned(endpoint, listing.version());
      done = done.thenCompose(before -> ask(base, listing.questions())).exceptionally(this::failed);
    }
    return done;
  }

  private CompletionStage<Void> ask(String base, List<Listing.Question> questions) {
    Listing.Question question = questions.get(0);
    URI url = URI.create(base + question.path().replace("{limit}", String.valueOf(pageSize)));
    return session
        .get(url, question.headers(), limit)
        .thenCompose(
            answer -> {
              boolean isUnknown = answer.status() == 404 || answer.status() == 406;
              return isUnknown && questions.size() > 1
                  ? ask(base, questions.subList(1, questions.size()))
                  : page(answer, question, new HashSet<>(Set.of(url)));
            });
  }

  private CompletionStage<Void> page(Answer answer, Listing.Question question, Set<URI> asked) {
    JsonNode body = answer.json();
    JsonNode entries = body.path(question.key());
    if (!entries.isArray()) {
      throw new PollException(answer + ": no list \"" + question.key() + "\"");
    }
    pages++;
    entries.forEach(this::take);
    String next = next(body, question.key());
    if (next == null) {
      return CompletableFuture.completedFuture(null);
    }
    URI url = onThisEndpoint(next, answer);
    if (!asked.add(url)) {
      throw new PollException(answer + ": its pages go round in a circle");
    }
    if (asked.size() > MAX_PAGES) {
      throw new PollException(answer + ": more than " + MAX_PAGES + " pages");
    }
    return session
        .get(url, question.headers(), limit)
        .thenCompose(following -> page(following, question, asked));
  }

  private void take(JsonNode node) {
    try {
      Found one = reader.apply(Entry.of(node));
      if (one != null) {
        // Pages shift while they are read: an entry may come twice.
        found.putIfAbsent(one.target().resourceId(), one);
      }
    } catch (PollException e) {
      remark(e.getMessage());
    }
  }

  private Void failed(Throwable failure) {
    remark(PollException.reasonOf(failure));
    return null;
  }

  private void remark(String remark) {
    if (remarks.size() < MAX_REMARKS) {
      remarks.add(remark);
    } else {
      unsaid++;
    }
  }

  private Findings findings() {
    if (pages == 0) {
      throw new PollException(remarks.get(0));
    }
    boolean isComplete = remarks.isEmpty();
    if (unsaid > 0) {
      remarks.add("and " + unsaid + " more");
    }
    return new Findings(List.copyOf(found.values()), isComplete, remarks);
  }

  /** Where the next page is, as each of the services writes it; null after the last one. */
  private static String next(JsonNode body, String key) {
    for (JsonNode link : body.path(key + "_links")) {
      if (link.path("rel").asText().equals("next")) {
        return link.path("href").textValue();
      }
    }
    String next = body.path("next").textValue();
    return next == null ? body.path("links").path("next").textValue() : next;
  }

  /**
   * The next page with the query that the service gave, at the place of the catalog: behind a proxy
   * services write links that lead nowhere, and the token is for this endpoint alone.
   */
  private static URI onThisEndpoint(String next, Answer answer) {
    try {
      String query = new URI(next).getRawQuery();
      if (query != null) {
        URI here = answer.url();
        String path = here.getScheme() + "://" + here.getRawAuthority() + here.getRawPath();
        return new URI(path + "?" + query);
      }
    } catch (URISyntaxException e) {
      // Told below.
    }
    throw new PollException(answer + ": its link to the next page is no URL with a query");
  }
}
