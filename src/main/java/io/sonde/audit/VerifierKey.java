package io.sonde.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A public Ed25519 key under its name, by which anybody can tell whether a note was signed with the
 * {@link SigningKey} that belongs to it. Written as C2SP's {@code name+hash+data}.
 */
public final class VerifierKey {
  /** The only kind of key and signature there is here; stands before the bytes of keys. */
  static final byte ED25519 = 1;

  /** Bytes of a public key, and of a private one. */
  static final int LENGTH = 32;

  /** What X.509 puts before the bytes of an Ed25519 key. */
  private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

  private final String name;
  private final byte[] bytes;
  private final int keyHash;
  private final PublicKey key;

  /**
   * A key of its bytes.
   *
   * @param bytes 32, as RFC 8032 has it
   * @throws NoteException when they are no key, or the name is none
   */
  VerifierKey(String name, byte[] bytes) throws NoteException {
    if (!isName(name)) {
      throw new NoteException("a key's name has no blanks and no +, and is not empty: " + name);
    }
    this.name = name;
    this.bytes = bytes.clone();
    byte[] named = (name + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(named);
      digest.update(ED25519);
      this.keyHash = ByteBuffer.wrap(digest.digest(bytes)).getInt();
      byte[] encoded = Arrays.copyOf(X509, X509.length + bytes.length);
      System.arraycopy(bytes, 0, encoded, X509.length, bytes.length);
      this.key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      throw new NoteException("the key " + name + " is no Ed25519 key: " + e.getMessage());
    }
  }

  /**
   * Reads {@code name+hash+data}.
   *
   * @throws NoteException when it is no such key
   */
  public static VerifierKey parse(String text) throws NoteException {
    // Of the three only data may have + in it.
    String[] parts = text.split("\\+", 3);
    if (parts.length != 3) {
      throw new NoteException("a verifier key has the form name+hash+data, not " + text);
    }
    VerifierKey key = new VerifierKey(parts[0], data(parts[0], parts[2]));
    key.checkHash(parts[1]);
    return key;
  }

  /** The bytes of a key of its written data. */
  static byte[] data(String name, String base64) throws NoteException {
    byte[] data;
    try {
      data = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      data = new byte[0];
    }
    if (data.length != 1 + LENGTH || data[0] != ED25519) {
      throw new NoteException("the key " + name + " is no Ed25519 key");
    }
    return Arrays.copyOfRange(data, 1, data.length);
  }

  static String data(byte[] key) {
    byte[] data = ByteBuffer.allocate(1 + key.length).put(ED25519).put(key).array();
    return Base64.getEncoder().encodeToString(data);
  }

  /** That the hash which a written key names is its own. */
  void checkHash(String hash) throws NoteException {
    if (!hash.equals(hashDigits())) {
      throw new NoteException(
          "the key %s says that its hash is %s, but it is %s".formatted(name, hash, hashDigits()));
    }
  }

  static boolean isName(String name) {
    return !name.isEmpty()
        && name.codePoints().noneMatch(c -> c == '+' || c < ' ' || Character.isSpaceChar(c));
  }

  public String name() {
    return name;
  }

  /** The first four bytes of SHA-256 over the name, a line feed, the kind and the public key. */
  public int keyHash() {
    return keyHash;
  }

  String hashDigits() {
    return HexFormat.of().toHexDigits(keyHash);
  }

  /** Whether this is the key with which the bytes were signed. */
  boolean hasSigned(byte[] signed, byte[] signature) {
    try {
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(signed);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // Bytes that are no signature at all.
    }
  }

  /** The key as {@code name+hash+data}. */
  @Override
  public String toString() {
    return name + "+" + hashDigits() + "+" + data(bytes);
  }
}
