package io.sonde.polling;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * The bytes of an answer up to a limit. Beyond it, and for an answer without success, the
 * connection is given up instead of read to its end.
 */
public final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
  private final int limit;
  private final PollException refusal;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private Flow.Subscription subscription;

  private BoundedBody(int limit, PollException refusal) {
    this.limit = limit;
    this.refusal = refusal;
  }

  /** Takes the bodies of answers with status 200 only. */
  public record Handler(int limit) implements HttpResponse.BodyHandler<byte[]> {
    @Override
    public HttpResponse.BodySubscriber<byte[]> apply(HttpResponse.ResponseInfo answer) {
      int status = answer.statusCode();
      return new BoundedBody(
          limit, status == 200 ? null : new PollException("answered with status " + status));
    }
  }

  /** Takes the bodies of all answers, for those who tell one status from another by themselves. */
  public record AnyStatus(int limit) implements HttpResponse.BodyHandler<byte[]> {
    @Override
    public HttpResponse.BodySubscriber<byte[]> apply(HttpResponse.ResponseInfo answer) {
      return new BoundedBody(limit, null);
    }
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (refusal == null) {
      given.request(Long.MAX_VALUE);
    } else {
      giveUp(refusal);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (body.isDone()) {
        return;
      }
      if (buffer.remaining() > limit - bytes.size()) {
        giveUp(new PollException("the answer is larger than " + limit + " bytes"));
        return;
      }
      byte[] part = new byte[buffer.remaining()];
      buffer.get(part);
      bytes.writeBytes(part);
    }
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(bytes.toByteArray());
  }

  private void giveUp(PollException why) {
    subscription.cancel();
    body.completeExceptionally(why);
  }
}
