package io.sonde.snmp;

import static java.util.Objects.requireNonNull;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.snmp4j.CommunityTarget;
import org.snmp4j.PDU;
import org.snmp4j.ScopedPDU;
import org.snmp4j.Target;
import org.snmp4j.UserTarget;
import org.snmp4j.mp.SnmpConstants;
import org.snmp4j.security.AuthHMAC128SHA224;
import org.snmp4j.security.AuthHMAC192SHA256;
import org.snmp4j.security.AuthHMAC256SHA384;
import org.snmp4j.security.AuthHMAC384SHA512;
import org.snmp4j.security.AuthMD5;
import org.snmp4j.security.AuthSHA;
import org.snmp4j.security.PrivAES128;
import org.snmp4j.security.PrivAES256;
import org.snmp4j.security.PrivDES;
import org.snmp4j.security.SecurityLevel;
import org.snmp4j.security.SecurityModel;
import org.snmp4j.security.UsmUser;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.UdpAddress;

/** What an agent wants to see before it answers. Its text shows no secret. */
sealed interface SnmpCredentials {
  /** An agent at this address. */
  Target<UdpAddress> target(UdpAddress address);

  /** A question without a type and without variables. */
  PDU question();

  /** Reads an entry of {@code sonde.polling.pollsters.snmp.credentials}. */
  static SnmpCredentials from(ConfigSection section) {
    String expected = "2c or 3";
    return switch (section.text("version", expected)) {
      case "2c" -> Community.from(section);
      case "3" -> User.from(section);
      default ->
          throw new ConfigException(section.path("version"), section.shown("version"), expected);
    };
  }

  /** Those of version 2c. */
  final class Community implements SnmpCredentials {
    private final OctetString community;

    Community(String community) {
      this.community = new OctetString(community.getBytes(StandardCharsets.UTF_8));
    }

    private static Community from(ConfigSection section) {
      section.allow("version", "community");
      return new Community(secret(section, "community", 1));
    }

    @Override
    public Target<UdpAddress> target(UdpAddress address) {
      CommunityTarget<UdpAddress> target = new CommunityTarget<>(address, community);
      target.setVersion(SnmpConstants.version2c);
      return target;
    }

    @Override
    public PDU question() {
      return new PDU();
    }

    @Override
    public String toString() {
      return "a community";
    }
  }

  /** Those of version 3: a user of the User-based Security Model. */
  final class User implements SnmpCredentials {
    /** RFC 3414 has no shorter ones. */
    private static final int SHORTEST_PASSWORD = 8;

    private final UsmUser user;
    private final SecurityLevel level;
    private final OctetString context;

    private User(UsmUser user, SecurityLevel level, String context) {
      this.user = user;
      this.level = level;
      this.context = new OctetString(context.getBytes(StandardCharsets.UTF_8));
    }

    private static User from(ConfigSection section) {
      section.allow(
          "version",
          "user",
          "security-level",
          "auth-protocol",
          "auth-password",
          "priv-protocol",
          "priv-password",
          "context");
      String name = section.text("user", "the name of a user");
      SecurityLevel level =
          section.has("security-level")
              ? choice(section, "security-level", LEVELS)
              : SecurityLevel.authPriv;
      boolean isAuthentic = level != SecurityLevel.noAuthNoPriv;
      boolean isPrivate = level == SecurityLevel.authPriv;
      for (String key : new String[] {"auth-protocol", "auth-password"}) {
        requireUse(section, key, isAuthentic, level);
      }
      for (String key : new String[] {"priv-protocol", "priv-password"}) {
        requireUse(section, key, isPrivate, level);
      }
      UsmUser user =
          new UsmUser(
              new OctetString(name.getBytes(StandardCharsets.UTF_8)),
              isAuthentic ? choice(section, "auth-protocol", AUTHENTICATION) : null,
              isAuthentic ? password(section, "auth-password") : null,
              isPrivate ? choice(section, "priv-protocol", PRIVACY) : null,
              isPrivate ? password(section, "priv-password") : null);
      return new User(user, level, section.text("context").orElse(""));
    }

    private static void requireUse(
        ConfigSection section, String key, boolean isUsed, SecurityLevel level) {
      if (!isUsed && section.has(key)) {
        throw new ConfigException(
            section.path(key), HIDDEN, "of use with the security level " + level.name());
      }
    }

    private static OctetString password(ConfigSection section, String key) {
      return new OctetString(
          secret(section, key, SHORTEST_PASSWORD).getBytes(StandardCharsets.UTF_8));
    }

    UsmUser user() {
      return user;
    }

    @Override
    public Target<UdpAddress> target(UdpAddress address) {
      UserTarget<UdpAddress> target =
          new UserTarget<>(address, user.getSecurityName(), new byte[0], level.getSnmpValue());
      target.setVersion(SnmpConstants.version3);
      target.setSecurityModel(SecurityModel.SECURITY_MODEL_USM);
      return target;
    }

    @Override
    public PDU question() {
      ScopedPDU question = new ScopedPDU();
      question.setContextName(context);
      return question;
    }

    @Override
    public String toString() {
      return "the user " + user.getSecurityName();
    }
  }

  /** Takes the place of a secret in errors. */
  String HIDDEN = "(not shown)";

  Map<String, SecurityLevel> LEVELS =
      Arrays.stream(SecurityLevel.values())
          .filter(level -> level != SecurityLevel.undefined)
          .collect(Collectors.toMap(SecurityLevel::name, Function.identity()));

  Map<String, OID> AUTHENTICATION =
      Map.of(
          "MD5", AuthMD5.ID,
          "SHA", AuthSHA.ID,
          "SHA-224", AuthHMAC128SHA224.ID,
          "SHA-256", AuthHMAC192SHA256.ID,
          "SHA-384", AuthHMAC256SHA384.ID,
          "SHA-512", AuthHMAC384SHA512.ID);

  Map<String, OID> PRIVACY =
      Map.of("DES", PrivDES.ID, "AES128", PrivAES128.ID, "AES256", PrivAES256.ID);

  private static <T> T choice(ConfigSection section, String key, Map<String, T> choices) {
    String expected = "one of " + String.join(", ", new TreeMap<>(choices).keySet());
    T chosen = choices.get(section.text(key, expected));
    if (chosen == null) {
      throw new ConfigException(section.path(key), section.shown(key), expected);
    }
    return requireNonNull(chosen);
  }

  private static String secret(ConfigSection section, String key, int shortest) {
    String expected = "a text of at least " + shortest + " characters";
    if (!section.has(key)) {
      throw new ConfigException(section.path(key), null, expected);
    }
    boolean isText = !section.isList(key) && !section.isObject(key);
    String secret = isText ? section.text(key).orElse("") : "";
    if (secret.length() < shortest) {
      throw new ConfigException(section.path(key), HIDDEN, expected);
    }
    return secret;
  }
}
