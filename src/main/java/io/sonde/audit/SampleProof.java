package io.sonde.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.JournalEvents.Recorded;
import io.sonde.model.Metadata;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import java.util.List;

/**
 * Shows that a sample was recorded as it is told: its event, the event that names its series, and
 * how both lead to the root that a checkpoint signs. Whoever has it and the public key needs
 * nothing else.
 *
 * @param id of the sample
 * @param position of the sample in its event, from 0
 * @param event the event with the sample
 * @param naming the event that is the first to name the sample's series: the same, or one before
 * @param metadata the canonical text, or null where it is not known
 * @param note of the checkpoint
 */
public record SampleProof(
    String id, int position, Proved event, Proved naming, String metadata, Note note) {
  private static final String FORM = "sonde-sample-proof-1";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An event and its way to the root.
   *
   * @param leaf its number in the log, from 0
   * @param bytes the event as the journal has it
   * @param path hashes from the leaf up, as RFC 6962 has them
   */
  public record Proved(long leaf, byte[] bytes, List<byte[]> path) {
    private JournalEvents verify(Checkpoint checkpoint) throws BrokenProofException {
      JournalEvents said;
      try {
        said = JournalEvents.of(bytes);
      } catch (CorruptDataException e) {
        throw new BrokenProofException("an event that cannot be read: " + e.getMessage());
      }
      byte[] hash = new Leaf(said.collector(), said.sequence(), JournalEvents.hash(bytes)).hash();
      if (!MerkleTree.isIncluded(hash, leaf, checkpoint.size(), path, checkpoint.root())) {
        throw new BrokenProofException(
            "event %d of collector %d is not leaf %d of the checkpoint of size %d"
                .formatted(said.sequence(), said.collector(), leaf, checkpoint.size()));
      }
      return said;
    }

    private ObjectNode json() {
      ObjectNode json = JSON.createObjectNode().put("leaf", leaf).put("bytes", bytes);
      path.forEach(json.putArray("path")::add);
      return json;
    }

    private static Proved of(JsonNode json) {
      return new Proved(
          json.required("leaf").asLong(-1),
          JsonBytes.of(json.required("bytes")),
          JsonBytes.hashes(json.required("path")));
    }
  }

  /**
   * What was shown.
   *
   * @param collector whose journal the event is in
   * @param sequence the event's number there
   * @param way by which the sample came, see {@link io.sonde.model.Provenance}
   * @param metadata null where the proof has none
   */
  public record Shown(
      Checkpoint checkpoint,
      int collector,
      long sequence,
      long leaf,
      Series series,
      Recorded sample,
      String way,
      Metadata metadata) {}

  /**
   * Verifies all of it, but for the signature.
   *
   * @throws BrokenProofException when it does not hold
   */
  public Shown verify() throws BrokenProofException {
    Checkpoint checkpoint;
    try {
      checkpoint = Checkpoint.parse(note.toString()).checkpoint();
    } catch (NoteException e) {
      throw new BrokenProofException(e.getMessage());
    }
    JournalEvents said = event.verify(checkpoint);
    JournalEvents named = naming.verify(checkpoint);
    if (position < 0 || position >= said.size()) {
      throw new BrokenProofException(
          "a sample at %d of an event of %d".formatted(position, said.size()));
    }
    Recorded sample = said.sample(position);
    Series series = named.newSeries().get(sample.series());
    if (series == null
        || named.collector() != said.collector()
        || named.sequence() > said.sequence()) {
      throw new BrokenProofException(
          "event %d of collector %d does not name series %d, which event %d of collector %d is about"
              .formatted(
                  named.sequence(),
                  named.collector(),
                  sample.series(),
                  said.sequence(),
                  said.collector()));
    }
    String shown = SampleId.of(series, sample.timestamp(), sample.key());
    if (!shown.equals(id)) {
      throw new BrokenProofException("it is about sample " + shown + ", not " + id);
    }
    Metadata text = metadata == null ? null : Metadata.ofCanonicalJson(metadata);
    if (text != null && !text.id().equals(sample.metadata())) {
      throw new BrokenProofException("the metadata is not that of the sample");
    }
    return new Shown(
        checkpoint,
        said.collector(),
        said.sequence(),
        event.leaf(),
        series,
        sample,
        said.way(position),
        text);
  }

  /** The proof as JSON; bytes are base64. */
  public ObjectNode json() {
    ObjectNode json =
        JSON.createObjectNode().put("form", FORM).put("sample", id).put("position", position);
    json.set("event", event.json());
    if (naming.leaf() != event.leaf()) {
      json.set("naming_event", naming.json());
    }
    return json.put("metadata", metadata).put("checkpoint", note.toString());
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws NoteException when it is no such proof
   */
  public static SampleProof parse(String text) throws NoteException {
    try {
      JsonNode json = JSON.readTree(text);
      if (!json.required("form").asText().equals(FORM)) {
        throw new NoteException("this is no proof of the form " + FORM);
      }
      Proved event = Proved.of(json.required("event"));
      return new SampleProof(
          json.required("sample").asText(),
          json.required("position").asInt(-1),
          event,
          json.has("naming_event") ? Proved.of(json.get("naming_event")) : event,
          json.required("metadata").textValue(),
          Note.parse(json.required("checkpoint").asText()));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new NoteException("this is no proof of a sample: " + e.getMessage());
    }
  }
}
