package io.sonde.publish;

import io.sonde.publish.Publisher.Outgoing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds what is to blame in a request that a consumer can never take: it is halved until only
 * samples are left that are refused by themselves; these are counted and passed over.
 */
final class Halving {
  private Halving() {}

  /** Sends one request. */
  interface Sender {
    void send(List<Outgoing> samples) throws IOException;
  }

  /**
   * Sends samples in order.
   *
   * @throws IOException when a request fails for a reason that may pass; nothing is counted then,
   *     as all of them come again
   */
  static void send(PublisherUrl url, List<Outgoing> samples, Sender sender) throws IOException {
    List<String> refused = new ArrayList<>();
    send(samples, sender, refused);
    if (!refused.isEmpty()) {
      LeftOut.add(url, refused.size(), "refused", refused.get(0));
    }
  }

  private static void send(List<Outgoing> samples, Sender sender, List<String> refused)
      throws IOException {
    try {
      sender.send(samples);
    } catch (HttpConsumer.RefusedException e) {
      if (samples.size() == 1) {
        refused.add(samples.get(0).id() + ", " + e.getMessage());
      } else {
        int half = samples.size() / 2;
        send(samples.subList(0, half), sender, refused);
        send(samples.subList(half, samples.size()), sender, refused);
      }
    }
  }
}
