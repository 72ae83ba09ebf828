package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the programs themselves. */
@Tag("servers")
class RealCloudIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static RealCloud cloud;

  @BeforeAll
  static void start() throws Exception {
    cloud = new RealCloud(folder);
  }

  @AfterAll
  static void stop() {
    if (cloud != null) {
      cloud.close();
    }
  }

  @Test
  void readsTheCatalog() {
    CloudSession session = session(password(RealCloud.PASSWORD));
    assertThat(join(session.endpoints("identity"))).containsExactly(URI.create(cloud.identity()));
    assertThat(join(session.endpoints("image"))).containsExactly(URI.create(cloud.image()));
    assertThat(join(session.endpoints("compute"))).isEmpty();
  }

  @Test
  void aWrongPasswordIsRefused() {
    assertThatThrownBy(() -> join(session(password("wr0ng")).endpoints("image")))
        .hasRootCauseMessage(
            "POST "
                + cloud.identity()
                + "/auth/tokens: Keystone refuses the credentials, status 401");
  }

  @Test
  void readsImagesWithAnApplicationCredential() throws Exception {
    String queued = image("queued");
    String active = image("active");
    upload(active, "12345");
    String hidden = image("hidden");
    upload(hidden, "123");
    cloud.send(
        "PATCH",
        cloud.image() + "/v2/images/" + hidden,
        "application/openstack-images-v2.1-json-patch",
        "[{\"op\": \"replace\", \"path\": \"/os_hidden\", \"value\": true}]");
    JsonNode credential =
        cloud
            .send(
                "POST",
                cloud.identity() + "/users/" + cloud.userId() + "/application_credentials",
                "{\"application_credential\": {\"name\": \"sonde\"}}")
            .path("application_credential");
    Findings findings =
        find(
            "glance",
            "cloud { auth-url = \"%s\", auth-type = application-credential, "
                    .formatted(cloud.identity())
                + "application-credential-id = %s, application-credential-secret = \"%s\" }"
                    .formatted(credential.path("id").asText(), credential.path("secret").asText()));
    String project = credential.path("project_id").asText();
    assertThat(findings.isComplete()).isTrue();
    assertThat(PolledCloud.lines(findings))
        .containsExactlyInAnyOrder(
            queued + " " + project + " image gauge image 1.0",
            active + " " + project + " image gauge image 1.0",
            active + " " + project + " image.size gauge B 5.0",
            hidden + " " + project + " image gauge image 1.0",
            hidden + " " + project + " image.size gauge B 3.0");
  }

  @Test
  void findsProjectsOfAllDomains() throws Exception {
    JsonNode domain =
        cloud.send("POST", cloud.identity() + "/domains", "{\"domain\": {\"name\": \"other\"}}");
    JsonNode project =
        cloud.send(
            "POST",
            cloud.identity() + "/projects",
            "{\"project\": {\"name\": \"p\", \"domain_id\": \"%s\"}}"
                .formatted(domain.at("/domain/id").asText()));
    cloud.addEndpoint("object-store", "http://127.0.0.1:9/v1/AUTH_%(project_id)s");
    assertThat(find("swift", "cloud { " + password(RealCloud.PASSWORD) + " }").found())
        .hasSize(2)
        .extracting(found -> found.target().address())
        .contains("GET http://127.0.0.1:9/v1/AUTH_" + project.at("/project/id").asText());
  }

  private static String image(String name) throws Exception {
    return cloud
        .send(
            "POST",
            cloud.image() + "/v2/images",
            "{\"name\": \"%s\", \"disk_format\": \"raw\", \"container_format\": \"bare\"}"
                .formatted(name))
        .path("id")
        .asText();
  }

  private static void upload(String image, String data) throws Exception {
    cloud.send(
        "PUT", cloud.image() + "/v2/images/" + image + "/file", "application/octet-stream", data);
  }

  private static String password(String password) {
    return "auth-url = \"%s\", username = admin, password = %s, project = admin"
        .formatted(cloud.identity(), password);
  }

  private static CloudSession session(String settings) {
    return new CloudSession(
        CloudSettings.from(ConfigSection.of(ConfigFactory.parseString(settings), "cloud")),
        context());
  }

  private static Findings find(String discovery, String parameters) {
    Pollster pollster =
        OpenStackPollster.factory()
            .create(
                ConfigSection.of(
                    ConfigFactory.parseString("page-size = 1\n" + parameters), "openstack"));
    pollster.start(context());
    Discovery found =
        pollster.discoveries().stream()
            .filter(one -> one.name().equals(discovery))
            .findFirst()
            .orElseThrow();
    return join(
        found.find(new Search("source", "", NameFilter.of(List.of("*"), "meters"), DEADLINE)));
  }

  private static PollingContext context() {
    return new PollingContext(
        "host", "http://h/", 1 << 20, Runnable::run, Clock.systemUTC(), leftOut -> {});
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
