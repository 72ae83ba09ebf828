package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import org.junit.jupiter.api.Test;

class CloudSettingsTest {
  private static final String GOOD =
      "auth-url = \"http://k:5000\", username = u, password = s3cret, project = p";

  @Test
  void completesTheUrlOfKeystone() {
    assertThat(read(GOOD).identity()).hasToString("http://k:5000/v3");
    assertThat(read(GOOD + ", auth-url = \"https://k/identity/v3/\"").identity())
        .hasToString("https://k/identity/v3");
  }

  @Test
  void whatIsMissingIsNamed() {
    refuses("auth-url = \"http://k\"", "cloud.username: missing, expected the name of the user");
    refuses(
        "auth-url = \"http://k\", username = u", "cloud.password: missing, expected the user's");
    refuses(GOOD + ", project = \"\"", "cloud.project: \"\" is not the project");
    refuses(
        "auth-url = \"http://k\", auth-type = application-credential",
        "cloud.application-credential-name: missing");
    refuses(
        "auth-url = \"http://k\", auth-type = application-credential, "
            + "application-credential-id = i",
        "cloud.application-credential-secret: missing");
  }

  @Test
  void whatIsWrongIsNamedAndNeverASecret() {
    refuses(GOOD + ", auth-url = \"ftp://k\"", "cloud.auth-url: \"ftp://k\" is not the URL of");
    refuses(GOOD + ", auth-url = \"http://k x\"", "cloud.auth-url: \"http://k x\" is not the URL");
    refuses(GOOD + ", auth-url = \"http://u:s3cret@k\"", "cloud.auth-url: \"a URL with a user\"");
    refuses(GOOD + ", password = [s3cret]", "cloud.password: \"***\" is not the user's password");
    refuses(GOOD + ", auth-type = token", "cloud.auth-type: \"token\" is not one of password, app");
    refuses(
        GOOD + ", interface = publicURL", "cloud.interface: \"publicURL\" is not one of public");
    refuses(GOOD + ", verify = /none.pem", "cloud.{verify,client-cert,client-key}: \"/none.pem");
    refuses(GOOD + ", verify = perhaps", "cloud.verify: \"perhaps\" is not true or false");
    refuses(GOOD + ", passwrod = s3cret", "cloud.passwrod: \"passwrod\" is not one of the keys");
  }

  private static void refuses(String config, String message) {
    assertThatThrownBy(() -> read(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("s3cret");
  }

  private static CloudSettings read(String config) {
    return CloudSettings.from(ConfigSection.of(ConfigFactory.parseString(config), "cloud"));
  }
}
