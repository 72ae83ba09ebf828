package io.sonde.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A private Ed25519 key under its name, with which notes are signed. Written as C2SP's {@code
 * PRIVATE+KEY+name+hash+data}.
 */
public final class SigningKey {
  private static final String PREFIX = "PRIVATE+KEY+";

  private final byte[] seed;
  private final PrivateKey key;
  private final VerifierKey verifier;

  private SigningKey(String name, byte[] seed) throws NoteException {
    this.seed = seed.clone();
    try {
      this.key =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
    } catch (GeneralSecurityException e) {
      throw new NoteException("the key " + name + " is no Ed25519 key: " + e.getMessage());
    }
    this.verifier = new VerifierKey(name, publicKey(seed));
  }

  /**
   * A new key.
   *
   * @param name by which its signatures are found, such as the server's; no blanks, no {@code +}
   * @throws NoteException when the name is none
   */
  public static SigningKey generate(String name) throws NoteException {
    byte[] seed = new byte[VerifierKey.LENGTH];
    new SecureRandom().nextBytes(seed);
    return new SigningKey(name, seed);
  }

  /**
   * Reads {@code PRIVATE+KEY+name+hash+data}.
   *
   * @throws NoteException when it is no such key; the message does not repeat it
   */
  public static SigningKey parse(String text) throws NoteException {
    String[] parts =
        text.startsWith(PREFIX) ? text.substring(PREFIX.length()).split("\\+", 3) : null;
    if (parts == null || parts.length != 3) {
      throw new NoteException("a signing key has the form PRIVATE+KEY+name+hash+data");
    }
    SigningKey key = new SigningKey(parts[0], VerifierKey.data(parts[0], parts[2]));
    key.verifier.checkHash(parts[1]);
    return key;
  }

  /**
   * Reads the key in a file.
   *
   * @throws NoteException when there is none
   */
  public static SigningKey read(Path file) throws NoteException {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new NoteException("the key file " + file + " cannot be read: " + e.getMessage());
    }
    try {
      return parse(text.strip());
    } catch (NoteException e) {
      throw new NoteException("the key file " + file + ": " + e.getMessage());
    }
  }

  /**
   * Writes the key to a new file that only its owner can read.
   *
   * @throws IOException when that cannot be, or the file is there already
   */
  public void write(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap((secretText() + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
  }

  public String name() {
    return verifier.name();
  }

  /** The public half, to give to whoever is to verify. */
  public VerifierKey verifier() {
    return verifier;
  }

  /**
   * A note of a text.
   *
   * @param text one or more lines, each ended with a line feed
   */
  public Note sign(String text) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(Note.bytesToSign(text));
      Note.Signature signed = new Note.Signature(name(), verifier.keyHash(), signature.sign());
      return new Note(text, List.of(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 does not sign", e);
    }
  }

  /** The key as {@code PRIVATE+KEY+name+hash+data}: a secret. */
  public String secretText() {
    return PREFIX + name() + "+" + verifier.hashDigits() + "+" + VerifierKey.data(seed);
  }

  /** The public half only. */
  @Override
  public String toString() {
    return "signing key of " + verifier;
  }

  /**
   * The public key that belongs to a private one. The JDK computes it only while it makes a key, of
   * 32 bytes that it asks a source of chance for.
   */
  private static byte[] publicKey(byte[] seed) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, new Repeating(seed));
      KeyPair pair = generator.generateKeyPair();
      byte[] made = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
      if (!Arrays.equals(made, seed)) {
        throw new IllegalStateException("this JDK makes Ed25519 keys in a way of its own");
      }
      byte[] encoded = ((EdECPublicKey) pair.getPublic()).getEncoded();
      return Arrays.copyOfRange(encoded, encoded.length - VerifierKey.LENGTH, encoded.length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 makes no keys", e);
    }
  }

  /** Gives the bytes that it was made of. */
  private static final class Repeating extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    Repeating(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] into) {
      System.arraycopy(bytes, 0, into, 0, into.length);
    }
  }
}
