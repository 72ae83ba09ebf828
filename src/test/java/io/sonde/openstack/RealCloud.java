package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.server.Wait;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Keystone and a Glance of their own, as Debian packages them, with SQLite and files. */
final class RealCloud implements AutoCloseable {
  static final String PASSWORD = "s3cret-password";

  private static final Pattern AVAILABLE = Pattern.compile("Available at (http://\\S+)");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Process> processes = new ArrayList<>();
  private final Path folder;
  private final String identity;
  private final String image;
  private final String token;
  private final String userId;

  /**
   * Starts both.
   *
   * @param folder for all that they write
   */
  RealCloud(Path folder) throws Exception {
    this.folder = folder;
    int port;
    // The catalog names the port before anybody listens at it.
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    identity = "http://127.0.0.1:" + port + "/v3";
    startKeystone(port);
    HttpResponse<String> answer = authenticate();
    token = answer.headers().firstValue("X-Subject-Token").orElseThrow();
    userId = JSON.readTree(answer.body()).at("/token/user/id").asText();
    image = startGlance();
    addEndpoint("image", image);
  }

  String identity() {
    return identity;
  }

  String image() {
    return image;
  }

  String userId() {
    return userId;
  }

  /** Registers a service at a URL in the only region. */
  void addEndpoint(String type, String url) throws Exception {
    JsonNode service =
        send("POST", identity + "/services", "{\"service\": {\"type\": \"%s\"}}".formatted(type));
    send(
        "POST",
        identity + "/endpoints",
        ("{\"endpoint\": {\"service_id\": \"%s\", \"interface\": \"public\", \"region_id\": "
                + "\"north\", \"url\": \"%s\"}}")
            .formatted(service.at("/service/id").asText(), url));
  }

  /** Asks as the administrator, with a body of JSON; null for an answer without content. */
  JsonNode send(String method, String url, String body) throws Exception {
    return send(method, url, "application/json", body);
  }

  JsonNode send(String method, String url, String contentType, String body) throws Exception {
    HttpResponse<String> answer =
        client()
            .send(
                HttpRequest.newBuilder(URI.create(url))
                    .header("Content-Type", contentType)
                    .header("X-Auth-Token", token)
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode())
        .as(() -> url + ": " + answer.body() + logged("keystone") + logged("glance"))
        .isBetween(200, 299);
    return answer.body().isEmpty() ? null : JSON.readTree(answer.body());
  }

  private void startKeystone(int port) throws Exception {
    Path keys = Files.createDirectories(folder.resolve("fernet"));
    for (String name : List.of("0", "1")) {
      byte[] key = new byte[32];
      new SecureRandom().nextBytes(key);
      Files.writeString(keys.resolve(name), Base64.getUrlEncoder().encodeToString(key));
    }
    String config = folder.resolve("keystone.conf").toString();
    Files.writeString(
        Path.of(config),
        """
        [database]
        connection = sqlite:///%s/keystone.db
        [fernet_tokens]
        key_repository = %s
        """
            .formatted(folder, keys));
    run("keystone-manage", "--config-file", config, "db_sync");
    // Keystone leaves transactions open after errors: readers must not keep writers out.
    run(
        "/usr/bin/python3",
        "-c",
        "import sqlite3; sqlite3.connect('keystone.db').execute('PRAGMA journal_mode=WAL')");
    run(
        "keystone-manage",
        "--config-file",
        config,
        "bootstrap",
        "--bootstrap-password",
        PASSWORD,
        "--bootstrap-region-id",
        "north",
        "--bootstrap-public-url",
        identity);
    ProcessBuilder keystone =
        new ProcessBuilder(
            "/usr/bin/keystone-wsgi-public", "-b", "127.0.0.1", "-p", String.valueOf(port));
    keystone.environment().put("OS_KEYSTONE_CONFIG_FILES", config);
    start("keystone", keystone);
  }

  private String startGlance() throws Exception {
    Path config = Files.createDirectories(folder.resolve("glance"));
    Files.writeString(
        config.resolve("glance-api.conf"),
        """
        [DEFAULT]
        enabled_backends = disk:file
        [database]
        connection = sqlite:///FOLDER/glance.db
        [glance_store]
        default_backend = disk
        [disk]
        filesystem_store_datadir = FOLDER/images
        [os_glance_staging_store]
        filesystem_store_datadir = FOLDER/staging
        [os_glance_tasks_store]
        filesystem_store_datadir = FOLDER/tasks
        [paste_deploy]
        flavor = keystone
        [keystone_authtoken]
        auth_type = password
        auth_url = %s
        interface = public
        username = admin
        password = %s
        project_name = admin
        user_domain_id = default
        project_domain_id = default
        """
            .formatted(identity, PASSWORD)
            .replace("FOLDER", folder.toString()));
    Files.writeString(
        config.resolve("glance-api-paste.ini"),
        """
        [pipeline:glance-api-keystone]
        pipeline = authtoken context api
        [composite:api]
        paste.composite_factory = glance.api:root_app_factory
        /v2: v2
        [app:v2]
        paste.app_factory = glance.api.v2.router:API.factory
        [filter:authtoken]
        paste.filter_factory = keystonemiddleware.auth_token:filter_factory
        [filter:context]
        paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
        """);
    Path program = folder.resolve("glance_server.py");
    try (InputStream in = RealCloud.class.getResourceAsStream("glance_server.py")) {
      Files.copy(in, program);
    }
    String url =
        start(
            "glance",
            new ProcessBuilder("/usr/bin/python3", program.toString(), config.toString()));
    return url.replaceAll("/$", "");
  }

  private void run(String... command) throws Exception {
    Path log = folder.resolve("run.log");
    Process process = process(new ProcessBuilder(command), log);
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
  }

  /** The URL at which it says that it can be reached. */
  private String start(String name, ProcessBuilder command) throws Exception {
    Path log = folder.resolve(name + ".log");
    Process process = process(command, log);
    Wait.until(
        Duration.ofMinutes(1),
        name + " is available, see " + log,
        () -> !process.isAlive() || AVAILABLE.matcher(Files.readString(log)).find());
    Matcher available = AVAILABLE.matcher(Files.readString(log));
    assertThat(available.find()).as(Files.readString(log)).isTrue();
    return available.group(1);
  }

  /** One for each request: these servers end every connection, and do not say so. */
  private static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  private String logged(String name) {
    try {
      return "\n" + Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      return "";
    }
  }

  private Process process(ProcessBuilder command, Path log) throws IOException {
    Process process =
        command
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    processes.add(process);
    return process;
  }

  private HttpResponse<String> authenticate() throws Exception {
    String body =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin",
          "domain": {"name": "Default"}, "password": "%s"}}},
          "scope": {"project": {"name": "admin", "domain": {"name": "Default"}}}}}
        """
            .formatted(PASSWORD);
    return client()
        .send(
            HttpRequest.newBuilder(URI.create(identity + "/auth/tokens"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
    processes.forEach(process -> process.onExit().join());
  }
}
