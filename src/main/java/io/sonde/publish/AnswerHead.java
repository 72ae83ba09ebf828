package io.sonde.publish;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** The first bytes of an answer as text. The rest is passed over, a long one not read at all. */
final class AnswerHead implements HttpResponse.BodySubscriber<String> {
  private static final int SHOWN = 200;
  private static final int READ = 64 * 1024;

  private final CompletableFuture<String> body = new CompletableFuture<>();
  private final StringBuilder head = new StringBuilder();
  private Flow.Subscription subscription;
  private int read;

  @Override
  public CompletionStage<String> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      read += buffer.remaining();
      byte[] part = new byte[Math.min(buffer.remaining(), SHOWN - head.length())];
      buffer.get(part);
      head.append(new String(part, StandardCharsets.ISO_8859_1));
    }
    if (read > READ) {
      subscription.cancel();
      onComplete();
    }
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(head.toString().replaceAll("\\s+", " ").strip());
  }
}
