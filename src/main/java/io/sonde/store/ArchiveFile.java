package io.sonde.store;

import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Checksum;
import io.sonde.series.CorruptDataException;
import io.sonde.series.FormatVersion;
import io.sonde.store.JournalStore.StoredEvent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A file with consecutive events of a journal, compressed part by part, so that some of them are
 * read without the others. Every byte is under a checksum, see docs/formats.md. Reading throws
 * {@link CorruptDataException} where the file is not what was written. Immutable.
 */
public final class ArchiveFile {
  private static final byte[] MAGIC = "SONDEJRN".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;

  /** Magic, version, and the number of bytes of the header that follows. */
  private static final int START = MAGIC.length + 1 + Integer.BYTES;

  private static final int HASH = 32;

  /** Events up to so many bytes, or a single one, are a part. */
  private static final int PART_BYTES = 1 << 18;

  /** No part is larger: events have 256 kB at most, by far. */
  private static final int MAX_PART_BYTES = 1 << 24;

  private final Path path;
  private final Header header;
  private final List<Part> parts;

  /**
   * What a file says of itself.
   *
   * @param serializerId of all events
   * @param manifest likewise
   * @param first number of the first event
   * @param last number of the last one
   * @param before the chain's hash of the event before the first one; zeros where there is none
   * @param head that of the last one
   */
  public record Header(
      String persistenceId,
      int serializerId,
      String manifest,
      long first,
      long last,
      byte[] before,
      byte[] head) {}

  /**
   * Events that are compressed together.
   *
   * @param first number of the first event
   * @param last number of the last one
   * @param rawBytes before compression
   * @param offset where it begins in the file
   * @param bytes in the file
   */
  public record Part(long first, long last, int rawBytes, long offset, int bytes) {}

  private ArchiveFile(Path path, Header header, List<Part> parts) {
    this.path = path;
    this.header = header;
    this.parts = List.copyOf(parts);
  }

  // Writing

  /** The bytes of a file with these events. */
  static byte[] encode(Header header, List<byte[]> events) {
    ByteWriter about = new ByteWriter(1024);
    about.writeString(header.persistenceId());
    about.writeVarint(header.serializerId()).writeString(header.manifest());
    about.writeVarint(header.first()).writeVarint(events.size());
    about.writeRaw(header.before()).writeRaw(header.head());
    List<List<byte[]>> parts = parts(events);
    about.writeVarint(parts.size());
    ByteWriter body = new ByteWriter(1 << 20);
    for (List<byte[]> part : parts) {
      ByteWriter raw = new ByteWriter(PART_BYTES + PART_BYTES / 8);
      part.forEach(raw::writeBytes);
      byte[] packed = deflate(raw.toByteArray());
      about.writeVarint(part.size()).writeVarint(raw.size()).writeVarint(packed.length);
      body.writeRaw(packed);
    }
    ByteWriter file = new ByteWriter(START + about.size() + body.size() + Checksum.BYTES);
    file.writeRaw(MAGIC).writeByte(VERSION).writeInt(about.size()).writeRaw(about.toByteArray());
    return new ByteWriter(file.size() + Checksum.BYTES + body.size())
        .writeRaw(Checksum.append(file))
        .writeRaw(body.toByteArray())
        .toByteArray();
  }

  private static List<List<byte[]>> parts(List<byte[]> events) {
    List<List<byte[]>> parts = new ArrayList<>();
    long bytes = PART_BYTES;
    for (byte[] event : events) {
      if (bytes + event.length > PART_BYTES) {
        parts.add(new ArrayList<>());
        bytes = 0;
      }
      parts.get(parts.size() - 1).add(event);
      bytes += event.length;
    }
    return parts;
  }

  private static byte[] deflate(byte[] raw) {
    // Trying harder saves two hundredths, and takes twice as long.
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(raw);
      deflater.finish();
      ByteWriter out = new ByteWriter(raw.length / 2 + Checksum.BYTES);
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        int count = deflater.deflate(buffer);
        out.writeRaw(Arrays.copyOf(buffer, count));
      }
      return Checksum.append(out);
    } finally {
      deflater.end();
    }
  }

  /**
   * Writes a file that appears under its name when it is on the disk with all its bytes, and reads
   * it again. Its name tells its content: who writes the same once more does no harm.
   *
   * @param prefix what its name begins with
   * @param events from the first to the last
   * @return the file; it has no note yet
   * @throws IOException also when what is read is not what was written
   */
  public static ArchivedFile write(
      Path directory, String prefix, Header header, List<byte[]> events) throws IOException {
    byte[] bytes = encode(header, events);
    byte[] sha256 = sha256().digest(bytes);
    String name =
        "%s-%012d-%012d-%s.journal"
            .formatted(
                prefix,
                header.first(),
                header.last(),
                HexFormat.of().formatHex(sha256).substring(0, 16));
    Path path = directory.toAbsolutePath().resolve(name);
    // Of its own: a writer that slept through its end must not write into another one's file.
    Path temporary = Files.createTempFile(path.getParent(), name, ".tmp");
    try {
      Files.write(temporary, bytes);
      DurableFiles.sync(temporary);
      DurableFiles.move(temporary, path);
    } finally {
      Files.deleteIfExists(temporary);
    }
    verify(path, header, events, sha256);
    return new ArchivedFile(
        header.persistenceId(),
        header.first(),
        header.last(),
        events.stream().mapToLong(event -> event.length).sum(),
        path,
        bytes.length,
        sha256,
        header.before(),
        header.head(),
        "");
  }

  private static void verify(Path path, Header header, List<byte[]> events, byte[] sha256)
      throws IOException {
    try {
      ArchiveFile written = open(path);
      List<byte[]> found = new ArrayList<>();
      for (Part part : written.parts()) {
        written.read(part).forEach(event -> found.add(event.payload()));
      }
      if (found.size() != events.size()
          || !Arrays.deepEquals(found.toArray(), events.toArray())
          || !written.header.persistenceId().equals(header.persistenceId())
          || written.header.first() != header.first()
          || !Arrays.equals(sha256(path), sha256)) {
        throw new IOException(path + " has not got what was written to it");
      }
    } catch (CorruptDataException e) {
      throw new IOException(path + " has not got what was written to it: " + e.getMessage(), e);
    }
  }

  // Reading

  /**
   * Opens a file; its events are not read yet.
   *
   * @throws IOException when it cannot be read
   */
  public static ArchiveFile open(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      if (file.size() < START) {
        throw new CorruptDataException(path + ", of " + file.size() + " bytes");
      }
      ByteReader start = new ByteReader(read(file, 0, START));
      if (!Arrays.equals(start.readRaw(MAGIC.length), MAGIC)) {
        throw new CorruptDataException(path + ", which does not begin as an archive of a journal");
      }
      int appended = FormatVersion.read(start, VERSION, path.toString());
      int length = start.readInt();
      long end = (long) START + length + Checksum.BYTES;
      if (length < 0 || end > file.size()) {
        throw new CorruptDataException(
            path + ", which ends before its header of " + length + " bytes");
      }
      ByteReader in = Checksum.check(read(file, 0, (int) end), "the header of " + path);
      in.skip(START);
      return parse(path, in, appended, end, file.size());
    }
  }

  private static ArchiveFile parse(
      Path path, ByteReader in, int appended, long bodyStart, long fileBytes) {
    String persistenceId = in.readText();
    int serializerId = in.readNumber();
    String manifest = in.readText();
    long first = in.readVarint();
    long events = in.readVarint();
    byte[] before = in.readRaw(HASH);
    byte[] head = in.readRaw(HASH);
    int count = in.readCount();
    List<Part> parts = new ArrayList<>(count);
    long next = first;
    long offset = bodyStart;
    for (int i = 0; i < count; i++) {
      int ofEvents = in.readNumber();
      int rawBytes = in.readNumber();
      int bytes = in.readNumber();
      if (ofEvents == 0 || rawBytes > MAX_PART_BYTES) {
        throw new CorruptDataException(
            path + ", with a part of " + ofEvents + " events and " + rawBytes + " bytes");
      }
      parts.add(new Part(next, next + ofEvents - 1, rawBytes, offset, bytes));
      next += ofEvents;
      offset += bytes;
    }
    FormatVersion.end(in, appended, path.toString());
    if (first < 1 || next - first != events || offset != fileBytes) {
      throw new CorruptDataException(
          "%s, of %d bytes and %d events, whose parts have %d bytes and %d events"
              .formatted(path, fileBytes, events, offset, next - first));
    }
    return new ArchiveFile(
        path,
        new Header(persistenceId, serializerId, manifest, first, next - 1, before, head),
        parts);
  }

  public Header header() {
    return header;
  }

  /** All parts, in order. */
  public List<Part> parts() {
    return parts;
  }

  boolean has(long sequence) {
    return sequence >= header.first() && sequence <= header.last();
  }

  /**
   * The events of a part.
   *
   * @throws IOException when the file cannot be read
   */
  public List<StoredEvent> read(Part part) throws IOException {
    byte[] packed;
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      packed = read(file, part.offset(), part.bytes());
    }
    String what =
        "the part of %s with events %d to %d, at byte %d"
            .formatted(path, part.first(), part.last(), part.offset());
    Checksum.check(packed, what);
    ByteReader in = new ByteReader(inflate(packed, part.rawBytes(), what));
    List<StoredEvent> events = new ArrayList<>();
    for (long sequence = part.first(); sequence <= part.last(); sequence++) {
      events.add(new StoredEvent(sequence, in.readBytes()));
    }
    FormatVersion.end(in, 0, what);
    return events;
  }

  /** The events from one that it has on, as far as they are in the same part. */
  List<StoredEvent> from(long sequence) throws IOException {
    for (Part part : parts) {
      if (sequence <= part.last()) {
        List<StoredEvent> events = read(part);
        return events.subList((int) (sequence - part.first()), events.size());
      }
    }
    throw new IllegalArgumentException("event " + sequence + " is not in " + path);
  }

  private static byte[] inflate(byte[] packed, int rawBytes, String what) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed, 0, packed.length - Checksum.BYTES);
      byte[] raw = new byte[rawBytes];
      int count = inflater.inflate(raw);
      if (count != rawBytes
          || (!inflater.finished() && inflater.inflate(new byte[1]) != 0)
          || !inflater.finished()
          || inflater.getRemaining() != 0) {
        throw new CorruptDataException(what + " has another length than its header says");
      }
      return raw;
    } catch (DataFormatException e) {
      throw new CorruptDataException(what + " cannot be inflated: " + e.getMessage());
    } finally {
      inflater.end();
    }
  }

  private static byte[] read(FileChannel file, long offset, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, offset + bytes.position()) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
    return bytes.array();
  }

  /** The SHA-256 of a whole file. */
  public static byte[] sha256(Path path) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(path), digest)) {
      byte[] buffer = new byte[1 << 16];
      while (in.read(buffer) >= 0) {
        // The digest takes it.
      }
    }
    return digest.digest();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
