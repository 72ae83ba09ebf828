package io.sonde.dynamic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollsterDefinitionTest {
  private static final String PATH = "sonde.polling.pollsters.dynamic.definitions[0].";

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "name = null ~ name: missing, expected the name of a meter",
        "name = \"a b\" ~ name: \"a b\" is not a name such as a.b",
        "name = \"{a}\" ~ name: \"{a}\" is not a name such as a.b",
        "sample-type = counter ~ sample-type: \"counter\" is not gauge, delta or cumulative",
        "sample-type = null ~ sample-type: missing, expected gauge, delta or cumulative",
        "unit = null ~ unit: missing, expected a unit, perhaps \"\"",
        "value-attribute = null ~ value-attribute: missing, expected where the value is",
        "value-attribute = \"a | b\" ~ value-attribute: \"b\" is not an expression: expected",
        "name = \"a.{b}\" ~ value-attribute: \"v\" is not of the form [list].key, which a name with {b} needs",
        "url-path = null ~ url-path: missing, expected what to ask for: a path or a URL",
        "url-path = x ~ url-path: \"x\" is not an http or https URL",
        "url-path = \"ftp://h/\" ~ url-path: \"ftp://h/\" is not an http or https URL",
        "url-path = \"http://u:secret@h/\" ~ url-path: \"http://***@h/\" is not an http or https URL without user",
        "url-path = \"http://h/?key=s3cret#x\" ~ url-path: \"http://h/?***\" is not an http or https URL",
        "url-path = \"http://h/#x\" ~ url-path: \"http://h/#x\" is not an http or https URL",
        "url-path = \"http://h/a b\" ~ url-path: \"http://h/a b\" is not an http or https URL",
        "url-path = \"'http://h/' + sample['id']\" ~ url-path: \"'http://h/' + sample['id']\" is not an expression",
        "endpoint-type = dns ~ url-path: \"http://h/\" is not a path",
        "endpoint-type = dns, url-path = a, authentication { type = none } ~ authentication: \"{…}\" is not of use",
        "authentication { type = digest } ~ authentication.type: \"digest\" is not one of none, basic and bearer",
        "authentication { type = basic } ~ authentication.username: missing, expected the name of the user who asks",
        "authentication { type = basic, username = u } ~ authentication.password: missing",
        "authentication { type = basic, username = \"u:v\", password = p } ~ authentication.username: \"u:v\" is not",
        "authentication { type = basic, username = u, password = [s3cret] } ~ authentication.password: \"***\" is not",
        "authentication { type = bearer, token = \"a\\nb\" } ~ authentication.token: \"***\" is not the token to send",
        "authentication { tokn = a } ~ authentication.tokn: \"tokn\" is not one of the keys",
        "authentication { client-cert = \"/no/such.pem\" } ~ authentication.{verify,client-cert,client-key}: ",
        "headers { Host = h } ~ headers.Host: \"***\" is not a header that can be sent",
        "headers { \"a b\" = h } ~ headers.a b: \"***\" is not a header that can be sent",
        "headers { a = \"s3cret\\nx\" } ~ headers.a: \"***\" is not a header that can be sent",
        "timeout = soon ~ timeout: \"soon\" is not a duration",
        "timeout = 0s ~ timeout: \"0s\" is not a duration",
        "response-handlers = [yaml] ~ response-handlers: \"yaml\" is not one of json, xml, text",
        "response-handlers = [] ~ response-handlers: \"[]\" is not a list of some",
        "response-entries-key = \"a..b\" ~ response-entries-key: \"a..b\" is not a path",
        "next-sample-url-attribute = \"| value\" ~ next-sample-url-attribute: \"| value\" is not a path",
        "resource-id-attribute = \"id | foo(value)\" ~ resource-id-attribute: \"foo(value)\" is not an expression",
        "metadata-fields = [a, \"b..c\"] ~ metadata-fields[1]: \"b..c\" is not a path",
        "metadata-fields = [a], metadata-mapping { b = c } ~ metadata-mapping.b: \"c\" is not of one of the",
        "value-mapping { a = x } ~ value-mapping.a: \"x\" is not a number",
        "default-value = x ~ default-value: \"x\" is not a number",
        "skip-sample-values = x ~ skip-sample-values: \"x\" is not a list of values",
        "skip-sample-values = [{}] ~ skip-sample-values: \"[{}]\" is not a list of values",
        "extra-metadata-fields = x ~ extra-metadata-fields: \"x\" is not definitions of metadata",
        "extra-metadata-fields = [{}] ~ extra-metadata-fields[0].name: missing, expected the name of the metadata",
        "extra-metadata-fields { name = a } ~ extra-metadata-fields.url-path: missing, expected what to ask for",
        "extra-metadata-fields { name = a, url-path = \"'x\" } ~ extra-metadata-fields.url-path: \"'x\" is not an",
        "extra-metadata-fields { name = a, url-path = \"'x' + sampl['id']\" } ~ extra-metadata-fields.url-path: ",
        "extra-metadata-fields { name = a, url-path = x } ~ extra-metadata-fields.url-path: \"x\" is not an http",
        "extra-metadata-fields-skip = [1] ~ extra-metadata-fields-skip[0]: \"1\" is not an object",
        "extra-metadata-fields-cache-seconds = -1 ~ extra-metadata-fields-cache-seconds: \"-1\" is not a whole",
        "local = true ~ local: \"true\" is not of use without a host-command",
        "host-command = id ~ url-path: \"http://h/\" is not of use beside a host-command",
        "url-path = null, host-command = id ~ host-command: \"***\" is not allowed",
        "url-path = null, host-command = id, next-sample-url-attribute = a ~ next-sample-url-attribute: \"a\" is not",
        "nmae = x ~ nmae: \"nmae\" is not one of the keys name, sample-type",
      })
  void whatIsWrongIsNamed(String change, String message) {
    assertThatThrownBy(
            () ->
                Polled.with(
                    "{ name = a, sample-type = gauge, unit = \"\", value-attribute = v, url-path = \"http://h/\"\n"
                        + change
                        + " }"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(PATH + message)
        .hasMessageMatching("(?s).* \\(.*line \\d+\\)|.*\\(String: \\d+\\)|.*\\)")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void aComputedUrlDoesNotCarryAPasswordJustAnywhere() {
    String refused =
        """
        { name = a, sample-type = gauge, unit = "", value-attribute = v, url-path = "http://h/"
          extra-metadata-fields { name = b, url-path = "%s", %s } }
        """;
    String token = "authentication { type = bearer, token = s3cret }";
    String header = "headers { X-Key = s3cret }";
    for (String url :
        new String[] {
          "sample['href']", "'http://' + sample['host'] + '/'", "'http://h' + sample['x']"
        }) {
      for (String secret : new String[] {token, header}) {
        assertThatThrownBy(() -> Polled.with(refused.formatted(url, secret)))
            .isInstanceOf(ConfigException.class)
            .hasMessageContaining(
                "is not a formula that begins with a text such as 'https://host/'")
            .hasMessageNotContaining("s3cret");
      }
    }
    Polled.with(refused.formatted("'https://h/' + sample['x']", token)).close();
    Polled.with(refused.formatted("'https://h/' + sample['x']", header)).close();
    Polled.with(
            refused
                .formatted("'x/' + sample['x']", header)
                .replace("url-path = \"http://h/\"", "endpoint-type = dns, url-path = x"))
        .close();
  }

  @Test
  void whatIsShownIsWithoutSecrets() {
    assertThat(new Authentication("Basic c2VjcmV0", null)).hasToString("Basic ***");
    assertThat(Authentication.NONE).hasToString("none");
  }
}
