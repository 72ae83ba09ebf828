package io.sonde.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Shows that a log begins with what it was before.
 *
 * @param from the former number of leaves
 * @param to the later one
 * @param fromRoot the root that the log has now over the former number
 * @param toRoot over the later one
 * @param hashes in the order of RFC 6962
 */
public record ConsistencyProof(
    long from, long to, byte[] fromRoot, byte[] toRoot, List<byte[]> hashes) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The proof as JSON: sizes, and hashes in base64. */
  public ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("from", from).put("to", to).put("from_root", fromRoot).put("to_root", toRoot);
    hashes.forEach(json.putArray("proof")::add);
    return json;
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws NoteException when it is no such proof
   */
  public static ConsistencyProof parse(String text) throws NoteException {
    try {
      JsonNode json = JSON.readTree(text);
      return new ConsistencyProof(
          json.required("from").asLong(-1),
          json.required("to").asLong(-1),
          JsonBytes.hash(json.required("from_root")),
          JsonBytes.hash(json.required("to_root")),
          JsonBytes.hashes(json.required("proof")));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new NoteException("this is no proof of consistency: " + e.getMessage());
    }
  }

  /**
   * Whether it shows that a later checkpoint's log begins with that of an earlier one. Trusts the
   * proof in nothing.
   */
  public boolean shows(Checkpoint earlier, Checkpoint later) {
    return MerkleTree.isConsistent(
        earlier.size(), earlier.root(), later.size(), later.root(), hashes);
  }
}
