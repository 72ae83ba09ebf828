package io.sonde.dynamic;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.publish.TlsFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Who we say we are to a service that is not of the cloud, and what we believe of it.
 *
 * @param header the value of {@code Authorization}, or null; secret
 * @param tls null for the platform's
 */
record Authentication(String header, SSLContext tls) {
  static final Authentication NONE = new Authentication(null, null);

  private static final String SECRET = "***";

  /**
   * Reads a block.
   *
   * @throws ConfigException naming path, value and what was expected; never a secret
   */
  static Authentication from(ConfigSection section) {
    section.allow("type", "username", "password", "token", "verify", "client-cert", "client-key");
    String type = section.text("type").orElse("none");
    String header =
        switch (type) {
          case "none" -> null;
          case "basic" -> basic(section);
          case "bearer" -> "Bearer " + secret(section, "token", "the token to send");
          default ->
              throw new ConfigException(
                  section.path("type"), type, "one of none, basic and bearer");
        };
    return new Authentication(header, tls(section));
  }

  /** Whether there is something that is only for whom it is meant. */
  boolean isSecret() {
    return header != null || tls != null;
  }

  private static String basic(ConfigSection section) {
    String user = section.text("username", "the name of the user who asks");
    if (user.indexOf(':') >= 0) {
      throw new ConfigException(section.path("username"), user, "a name without a colon");
    }
    String both = user + ":" + secret(section, "password", "the user's password");
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
  }

  private static String secret(ConfigSection section, String key, String expected) {
    if (section.isList(key) || section.isObject(key)) {
      throw new ConfigException(section.path(key), SECRET, expected);
    }
    String secret = section.text(key, expected);
    if (secret.chars().anyMatch(Character::isISOControl)) {
      throw new ConfigException(section.path(key), SECRET, expected + ", on one line");
    }
    return secret;
  }

  private static SSLContext tls(ConfigSection section) {
    String verify = section.text("verify").filter(text -> !text.isBlank()).orElse("true");
    boolean isFile = verify.contains("/") || verify.contains(".");
    boolean isVerified = isFile || section.flag("verify", true);
    Optional<Path> certificate = path(section, "client-cert");
    Optional<Path> key = path(section, "client-key").or(() -> certificate);
    if (isVerified && !isFile && certificate.isEmpty()) {
      return null;
    }
    try {
      return TlsFiles.context(
          isVerified,
          isFile ? Path.of(verify) : null,
          certificate.orElse(null),
          certificate.isEmpty() ? null : key.orElse(null));
    } catch (IOException | GeneralSecurityException e) {
      throw new ConfigException(
          section.path() + ".{verify,client-cert,client-key}",
          String.join(", ", verify, section.shown("client-cert"), section.shown("client-key")),
          "a set of PEM files that can be read: " + e);
    }
  }

  private static Optional<Path> path(ConfigSection section, String key) {
    return section.text(key).filter(text -> !text.isBlank()).map(Path::of);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Authentication that
        && Objects.equals(header, that.header)
        && tls == that.tls;
  }

  @Override
  public int hashCode() {
    return Objects.hash(header, System.identityHashCode(tls));
  }

  /** Without what is secret. */
  @Override
  public String toString() {
    return header == null ? "none" : header.substring(0, header.indexOf(' ')) + " " + SECRET;
  }
}
