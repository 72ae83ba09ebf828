package io.sonde.series;

/** Signed varints among which runs of zeros are written as one zero and their length. */
public final class ZeroRuns {
  private final ByteWriter out;
  private int zeros;

  public ZeroRuns(ByteWriter out) {
    this.out = out;
  }

  public void write(long value) {
    if (value == 0) {
      zeros++;
      return;
    }
    end();
    out.writeSigned(value);
  }

  /** Writes a run that is still open. */
  public void end() {
    if (zeros > 0) {
      out.writeByte(0).writeVarint(zeros);
      zeros = 0;
    }
  }

  /** Reads the numbers one by one. */
  public static final class Reader {
    private final ByteReader in;
    private long zeros;

    public Reader(ByteReader in) {
      this.in = in;
    }

    public long read() {
      if (zeros > 0) {
        zeros--;
        return 0;
      }
      long value = in.readSigned();
      if (value == 0) {
        zeros = in.readVarint() - 1;
        if (zeros < 0) {
          throw new CorruptDataException("an empty run");
        }
      }
      return value;
    }

    /** To be called after the last number: no run goes on beyond it. */
    public void end() {
      if (zeros > 0) {
        throw new CorruptDataException("a run of zeros goes on beyond the end");
      }
    }
  }
}
