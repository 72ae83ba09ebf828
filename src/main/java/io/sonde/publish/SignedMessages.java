package io.sonde.publish;

import io.sonde.model.Metadata;
import io.sonde.publish.Publisher.Outgoing;
import java.util.Map;

/**
 * Makes signed messages of samples that go out together: what they share is read once. For one
 * thread.
 */
final class SignedMessages {
  private final MessageSignature signature;
  private final String publisherId;
  private Metadata metadata = Metadata.EMPTY;
  private Map<String, Object> values = Map.of();

  /** Messages without a {@code publisher_id}. */
  SignedMessages(MessageSignature signature) {
    this(signature, null);
  }

  /**
   * Signed messages.
   *
   * @param publisherId goes along as {@code publisher_id}; null leaves that out
   */
  SignedMessages(MessageSignature signature, String publisherId) {
    this.signature = signature;
    this.publisherId = publisherId;
  }

  /** The metering message of a sample with its signature, all of it JDK values. */
  Map<String, Object> of(Outgoing outgoing) {
    Metadata own = outgoing.sample().metadata();
    if (!own.equals(metadata)) {
      metadata = own;
      values = MetadataValues.of(own);
    }
    Map<String, Object> message = MeteringMessage.of(outgoing);
    message.put("resource_metadata", values);
    if (publisherId != null) {
      message.put("publisher_id", publisherId);
    }
    message.put(MessageSignature.KEY, signature.of(message));
    return message;
  }
}
