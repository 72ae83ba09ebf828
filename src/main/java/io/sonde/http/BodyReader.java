package io.sonde.http;

import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.StatusCodes;
import akka.stream.javadsl.Sink;
import akka.util.ByteString;
import io.sonde.model.UnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads the bodies of requests into memory, within a bound for each and one for all. A body counts
 * until its request is answered.
 */
final class BodyReader {
  private final ClassicActorSystemProvider system;
  private final long maxBody;
  private final long maxBodies;
  private final AtomicLong held = new AtomicLong();

  BodyReader(ClassicActorSystemProvider system, long maxBody, long maxBodies) {
    this.system = system;
    this.maxBody = maxBody;
    this.maxBodies = maxBodies;
  }

  /** Reads a request's body and hands it to what makes the answer. */
  <T> CompletionStage<T> read(HttpRequest request, Function<byte[], CompletionStage<T>> use) {
    if (request.entity().getContentLengthOption().orElse(0) > 2 * maxBody) {
      throw tooLarge();
    }
    Body body = new Body();
    return request
        .entity()
        .withoutSizeLimit()
        .getDataBytes()
        .runFold(body, Body::append, system)
        .thenApply(Body::bytes)
        .thenCompose(use)
        .whenComplete((answer, failure) -> body.release());
  }

  /**
   * Refuses a request whatever its body says. The body is read and forgotten first: a client that
   * is cut off while it sends never sees the answer. One that waits to be told to send, or that
   * sends too much, gets the answer at once.
   */
  <T> CompletionStage<T> refuse(HttpRequest request, ApiException failure) {
    boolean isWaiting = request.getHeader("Expect").isPresent();
    if (isWaiting || request.entity().getContentLengthOption().orElse(0) > 2 * maxBody) {
      return CompletableFuture.failedStage(failure);
    }
    return request
        .entity()
        .withoutSizeLimit()
        .getDataBytes()
        .limitWeighted(2 * maxBody, chunk -> (long) chunk.size())
        .runWith(Sink.ignore(), system)
        .handle(
            (done, broken) -> {
              throw failure;
            });
  }

  /**
   * Makes something of further bytes that belong to a body, such as what it becomes uncompressed:
   * they count as it does while that lasts.
   */
  <T> T holding(long bytes, Supplier<T> use) {
    if (held.addAndGet(bytes) > maxBodies) {
      held.addAndGet(-bytes);
      throw tooMuch();
    }
    try {
      return use.get();
    } finally {
      held.addAndGet(-bytes);
    }
  }

  private static UnavailableException tooMuch() {
    return new UnavailableException("Too much is being received just now.");
  }

  private ApiException tooLarge() {
    return new ApiException(
        StatusCodes.CONTENT_TOO_LARGE, "The request body is larger than " + maxBody + " bytes.");
  }

  /**
   * A body as it comes in. One that cannot be taken is still read, up to twice the bound, and
   * forgotten: a client that is cut off while it sends never sees the answer.
   */
  private final class Body {
    private ByteString bytes = ByteString.emptyByteString();
    private long size;
    private long reserved;
    private RuntimeException failure;

    Body append(ByteString chunk) {
      size += chunk.size();
      if (failure == null && size > maxBody) {
        fail(tooLarge());
      } else if (failure == null && held.addAndGet(chunk.size()) > maxBodies) {
        reserved += chunk.size();
        fail(tooMuch());
      } else if (failure == null) {
        reserved += chunk.size();
        bytes = bytes.concat(chunk);
      } else if (size > 2 * maxBody) {
        throw failure;
      }
      return this;
    }

    byte[] bytes() {
      if (failure != null) {
        throw failure;
      }
      byte[] array = bytes.toArray();
      bytes = ByteString.emptyByteString();
      return array;
    }

    void release() {
      held.addAndGet(-reserved);
      reserved = 0;
    }

    private void fail(RuntimeException why) {
      failure = why;
      bytes = ByteString.emptyByteString();
      release();
    }
  }
}
