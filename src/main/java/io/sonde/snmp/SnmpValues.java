package io.sonde.snmp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.snmp4j.smi.Counter64;
import org.snmp4j.smi.Integer32;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.UnsignedInteger32;
import org.snmp4j.smi.Variable;

/** What variables say, whatever agents make of their types. Null stands for nothing of use. */
final class SnmpValues {
  private static final int LONGEST_TEXT = 255;
  private static final double TWO_TO_THE_64 = 0x1p64;

  private SnmpValues() {}

  /** A number. */
  static Double number(Variable variable) {
    if (variable instanceof Counter64 counter) {
      // A long without a sign, which Java has not.
      double value = (double) counter.getValue();
      return value < 0 ? value + TWO_TO_THE_64 : value;
    }
    if (variable instanceof UnsignedInteger32 || variable instanceof Integer32) {
      return (double) variable.toLong();
    }
    return null;
  }

  /** A number of a MIB that has but 31 bits for it, of which many agents use 32. */
  static Double unsigned(Variable variable) {
    return variable instanceof Integer32 number
        ? Double.valueOf((double) Integer.toUnsignedLong(number.getValue()))
        : number(variable);
  }

  /** A name or a description, without what surrounds it and without control characters. */
  static String text(Variable variable) {
    if (!(variable instanceof OctetString octets)) {
      return null;
    }
    String text = decoded(octets.getValue()).replaceAll("\\p{Cntrl}+", " ").strip();
    return text.isEmpty() ? null : cut(text);
  }

  /** A hardware address as it is usually written. */
  static String mac(Variable variable) {
    return variable instanceof OctetString octets && octets.length() > 0
        ? octets.toHexString(':')
        : null;
  }

  private static String decoded(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      // Every sequence of bytes is a text of this one.
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private static String cut(String text) {
    if (text.length() <= LONGEST_TEXT) {
      return text;
    }
    boolean isHalf = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1));
    return text.substring(0, isHalf ? LONGEST_TEXT - 1 : LONGEST_TEXT);
  }
}
