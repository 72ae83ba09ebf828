package io.sonde.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/**
 * Rows on their way into a table through {@code COPY … FROM STDIN (FORMAT binary)}: a header of 19
 * bytes, then for each row the number of fields (16 bits) and each field's length (32 bits) and
 * bytes, then -1. Format: PostgreSQL documentation, COPY, "Binary Format".
 */
final class BinaryCopy implements AutoCloseable {
  private static final byte[] SIGNATURE =
      "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final int BUFFER_BYTES = 64 * 1024;

  private final PGCopyOutputStream out;
  private final byte[] scratch = new byte[12];
  private final ByteBuffer number = ByteBuffer.wrap(scratch);

  BinaryCopy(Connection connection, String table, String... columns) throws SQLException {
    out =
        new PGCopyOutputStream(
            connection.unwrap(PGConnection.class),
            "COPY " + table + " (" + String.join(", ", columns) + ") FROM STDIN (FORMAT binary)",
            BUFFER_BYTES);
    // Two numbers of 32 bits follow the signature, both 0: no flags, no extension.
    write(Arrays.copyOf(SIGNATURE, SIGNATURE.length + 8));
  }

  BinaryCopy startRow(int fields) {
    return writeNumber(number.clear().putShort((short) fields));
  }

  BinaryCopy add(int value) {
    return writeNumber(number.clear().putInt(Integer.BYTES).putInt(value));
  }

  BinaryCopy add(long value) {
    return writeNumber(number.clear().putInt(Long.BYTES).putLong(value));
  }

  BinaryCopy addShort(int value) {
    return writeNumber(number.clear().putInt(Short.BYTES).putShort((short) value));
  }

  BinaryCopy add(double value) {
    return writeNumber(number.clear().putInt(Double.BYTES).putDouble(value));
  }

  BinaryCopy addNull() {
    return writeNumber(number.clear().putInt(-1));
  }

  BinaryCopy add(String value) {
    return add(value.getBytes(StandardCharsets.UTF_8));
  }

  BinaryCopy add(byte[] value) {
    writeNumber(number.clear().putInt(value.length));
    return write(value);
  }

  /** Ends the rows and waits for the server's word. */
  @Override
  public void close() throws SQLException {
    try {
      writeNumber(number.clear().putShort((short) -1));
      out.close();
    } catch (IOException e) {
      throw asSqlException(e);
    } catch (UncheckedIOException e) {
      throw asSqlException(e.getCause());
    }
  }

  private BinaryCopy writeNumber(ByteBuffer filled) {
    return write(scratch, filled.position());
  }

  private BinaryCopy write(byte[] bytes) {
    return write(bytes, bytes.length);
  }

  private BinaryCopy write(byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SQLException asSqlException(IOException e) {
    return e.getCause() instanceof SQLException sql ? sql : new SQLException(e);
  }
}
