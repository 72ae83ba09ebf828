package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.publish.TlsFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** A cloud: where its Keystone is, who asks it, and which of its endpoints are used. */
public final class CloudSettings {
  private static final String DEFAULT_DOMAIN = "Default";
  private static final List<String> INTERFACES = List.of("public", "internal", "admin");

  private final String path;
  private final URI identity;
  private final JsonNode authentication;
  private final String region;
  private final String endpointInterface;
  private final SSLContext tls;

  private CloudSettings(
      ConfigSection section,
      URI identity,
      JsonNode authentication,
      String endpointInterface,
      SSLContext tls) {
    this.path = section.path("auth-url");
    this.identity = identity;
    this.authentication = authentication;
    this.region = given(section, "region").orElse(null);
    this.endpointInterface = endpointInterface;
    this.tls = tls;
  }

  /**
   * Reads a cloud. Without an {@code auth-url} it is one that is not configured: a session fails
   * with what to set when it is asked for something.
   *
   * @throws ConfigException naming path, value and what was expected; never a secret
   */
  public static CloudSettings from(ConfigSection section) {
    section.allow(
        "auth-url",
        "auth-type",
        "username",
        "password",
        "user-domain",
        "project",
        "project-domain",
        "application-credential-id",
        "application-credential-name",
        "application-credential-secret",
        "region",
        "interface",
        "verify",
        "client-cert",
        "client-key");
    if (given(section, "auth-url").isEmpty()) {
      return new CloudSettings(section, null, null, null, null);
    }
    return new CloudSettings(
        section,
        identity(section),
        authentication(section),
        oneOf(section, "interface", INTERFACES),
        tls(section));
  }

  /** The path of the key that says whether there is a cloud. */
  String path() {
    return path;
  }

  /**
   * Keystone's API, version 3, without a slash at its end; null when the cloud is not configured.
   */
  URI identity() {
    return identity;
  }

  /** What Keystone is sent for a token. */
  JsonNode authentication() {
    return authentication;
  }

  /** The region whose endpoints are used, or null for those of all regions. */
  String region() {
    return region;
  }

  /** The interface whose endpoints are used: public, internal or admin. */
  String endpointInterface() {
    return endpointInterface;
  }

  /** For all connections to the cloud. */
  SSLContext tls() {
    return tls;
  }

  @Override
  public String toString() {
    return identity == null ? "no cloud" : "cloud " + identity;
  }

  private static URI identity(ConfigSection section) {
    String expected = "the URL of Keystone, such as https://keystone:5000/v3";
    String text = section.text("auth-url", expected).strip();
    try {
      URI url = new URI(text);
      String scheme = String.valueOf(url.getScheme());
      boolean isHttp = scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
      if (url.getRawUserInfo() != null) {
        throw new ConfigException(section.path("auth-url"), "a URL with a user", expected);
      }
      if (isHttp && url.getHost() != null && url.getQuery() == null && url.getFragment() == null) {
        return URI.create(Endpoints.versioned(url, "v3"));
      }
    } catch (URISyntaxException e) {
      // Told below.
    }
    throw new ConfigException(section.path("auth-url"), text, expected);
  }

  private static JsonNode authentication(ConfigSection section) {
    String type = oneOf(section, "auth-type", List.of("password", "application-credential"));
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode auth = body.putObject("auth");
    ObjectNode identity = auth.putObject("identity");
    if (type.equals("password")) {
      identity.putArray("methods").add("password");
      user(section, identity.putObject("password").putObject("user"))
          .put("password", secret(section, "password", "the user's password"));
      // Without a scope Keystone gives no catalog, or that of a project of its own choice.
      ObjectNode project = auth.putObject("scope").putObject("project");
      project.put("name", section.text("project", "the project that the user has a role in"));
      project.putObject("domain").put("name", domain(section, "project-domain"));
    } else {
      identity.putArray("methods").add("application_credential");
      ObjectNode credential = identity.putObject("application_credential");
      Optional<String> id = given(section, "application-credential-id");
      if (id.isPresent()) {
        credential.put("id", id.get());
      } else {
        credential.put(
            "name",
            section.text(
                "application-credential-name",
                "the name of an application credential where no application-credential-id is"));
        user(section, credential.putObject("user"));
      }
      credential.put(
          "secret",
          secret(section, "application-credential-secret", "the application credential's secret"));
    }
    return body;
  }

  private static ObjectNode user(ConfigSection section, ObjectNode user) {
    user.put("name", section.text("username", "the name of the user who asks"));
    user.putObject("domain").put("name", domain(section, "user-domain"));
    return user;
  }

  private static String domain(ConfigSection section, String key) {
    return given(section, key).orElse(DEFAULT_DOMAIN);
  }

  /** A text that no error shows. */
  private static String secret(ConfigSection section, String key, String expected) {
    if (section.isList(key) || section.isObject(key)) {
      throw new ConfigException(section.path(key), "***", expected);
    }
    return section.text(key, expected);
  }

  private static SSLContext tls(ConfigSection section) {
    String verify = given(section, "verify").orElse("true");
    boolean isFile = verify.contains("/") || verify.contains(".");
    boolean isVerified = isFile || section.flag("verify", true);
    Path certificate = given(section, "client-cert").map(Path::of).orElse(null);
    Path key = given(section, "client-key").map(Path::of).orElse(certificate);
    try {
      return TlsFiles.context(isVerified, isFile ? Path.of(verify) : null, certificate, key);
    } catch (IOException | GeneralSecurityException e) {
      throw new ConfigException(
          section.path() + ".{verify,client-cert,client-key}",
          String.join(", ", verify, String.valueOf(certificate), String.valueOf(key)),
          "a set of PEM files that can be read: " + e);
    }
  }

  /** The first of the choices where nothing is said. */
  private static String oneOf(ConfigSection section, String key, List<String> choices) {
    String chosen = given(section, key).orElse(choices.get(0));
    if (!choices.contains(chosen)) {
      throw new ConfigException(section.path(key), chosen, "one of " + String.join(", ", choices));
    }
    return chosen;
  }

  private static Optional<String> given(ConfigSection section, String key) {
    return section.text(key).filter(text -> !text.isBlank());
  }
}
