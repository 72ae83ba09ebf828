package io.sonde.dynamic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.publish.TestCertificate;
import io.sonde.publish.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everything over HTTP, of servers in this process. */
@Timeout(60)
class DynamicPollsterTest {
  private static final String VOLUMES =
      """
      {"volumes": [
        {"id": "v1", "size": 10, "user_id": "u", "project_id": "p", "status": "in-use", "name": "one",
         "links": {"self": "http://a/v1"}},
        {"id": "v2", "size": "2.5", "status": "available", "name": null}
      ]}
      """;

  private AskedServer server;

  @BeforeEach
  void start() throws IOException {
    server = new AskedServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void entriesBecomeSamples() throws Exception {
    server.serve("/volumes", VOLUMES);
    Findings findings =
        find(
            definition(
                "volume.size",
                "/volumes",
                "size",
                "metadata-fields = [name, status, links.self, missing, \"name | value.upper()\"]",
                "metadata-mapping { status = state, \"links.self\" = url }"));

    assertThat(findings.isComplete()).isTrue();
    assertThat(findings.remarks()).isEmpty();
    assertThat(findings.found())
        .extracting(each -> each.target().resourceId())
        .containsExactly("v1", "v2");
    List<Sample> samples = Polled.samples(findings);
    assertThat(samples)
        .extracting(Sample::series)
        .containsExactly(
            new Series(
                "openstack",
                "volume.size",
                MeterType.GAUGE,
                "GB",
                "v1",
                "p",
                "u",
                Series.NO_DIMENSIONS),
            new Series(
                "openstack",
                "volume.size",
                MeterType.GAUGE,
                "GB",
                "v2",
                null,
                null,
                Series.NO_DIMENSIONS));
    assertThat(samples).extracting(Sample::volume).containsExactly(10.0, 2.5);
    assertThat(samples)
        .allMatch(sample -> sample.key() == SampleKey.NONE)
        .allMatch(sample -> sample.timestamp() == Polled.NOON.toEpochMilli() * 1000);
    assertThat(samples)
        .extracting(sample -> sample.metadata().json())
        .containsExactly(
            "{\"links.self\":\"http://a/v1\",\"name\":\"one\",\"name | value.upper()\":\"ONE\","
                + "\"state\":\"in-use\",\"status\":\"in-use\",\"url\":\"http://a/v1\"}",
            "{\"name\":null,\"state\":\"available\",\"status\":\"available\"}");
  }

  @Test
  void metadataMayBeKeptUnderNewNamesAlone() throws Exception {
    server.serve("/volumes", VOLUMES);
    Findings findings =
        find(
            definition(
                "volume.size",
                "/volumes",
                "size",
                "metadata-fields = [name, status]",
                "metadata-mapping { status = state }, preserve-mapped-metadata = false"));
    assertThat(Polled.samples(findings).get(0).metadata().json())
        .isEqualTo("{\"name\":\"one\",\"state\":\"in-use\"}");
  }

  @Test
  void valuesAreMappedAndSkipped() throws Exception {
    server.serve(
        "/x",
        """
        [{"id": "a", "s": "UP"}, {"id": "b", "s": "DOWN"}, {"id": "c", "s": "ODD"}, {"id": "d", "s": null},
         {"id": "e", "s": true}, {"id": "f", "s": "skip me"}, {"id": "g", "s": 5}]
        """);
    String more =
        "value-mapping { UP = 1, DOWN = \"0\", true = 7, 5 = 6 }, skip-sample-values = [\"skip me\"]";
    assertThat(Polled.shown(find(definition("m", "/x", "s", more))))
        .containsExactly("a m 1.0", "b m 0.0", "c m -1.0", "d m -1.0", "e m 7.0", "g m 6.0");
    assertThat(Polled.shown(find(definition("m", "/x", "s", more + ", default-value = 9"))))
        .contains("c m 9.0", "d m 9.0");
  }

  @Test
  void whatHasNoValueIsThereAllTheSame() throws Exception {
    server.serve(
        "/x",
        "[{\"id\": \"a\", \"v\": null}, {\"id\": \"b\", \"v\": \"-\"}, {\"id\": \"c\", \"v\": 1}]");
    Findings findings = find(definition("m", "/x", "v", "skip-sample-values = [\"-\"]"));
    assertThat(Polled.shown(findings)).containsExactly("c m 1.0");
    assertThat(findings.found())
        .extracting(each -> each.target().resourceId() + " " + each.reading().size())
        .containsExactly("a 0", "b 0", "c 1");
  }

  @Test
  void aValueThatIsLargerThanMemoryIsNotWritten() throws Exception {
    server.serve("/x", "[{\"id\": \"a\", \"v\": [1]}, {\"id\": \"b\", \"v\": []}]");
    String doubled = "v" + " | [value, value]".repeat(50);
    Findings findings =
        find(
            definition("m", "/x", doubled),
            definition("n", "/x", "v", "skip-sample-values = [\"[]\"], value-mapping { x = 1 }"),
            definition("o", "/x", doubled, "value-mapping { x = 1 }"));
    assertThat(Polled.shown(findings))
        .containsExactlyInAnyOrder("a n -1.0", "a o -1.0", "b o -1.0");
    assertThat(findings.remarks())
        .containsExactlyInAnyOrder(
            "a: m: the value […] is no number", "b: m: the value […] is no number");
  }

  @Test
  void anOddEntryIsTheOnlyOneThatIsLost() throws Exception {
    server.serve(
        "/x",
        """
        [{"id": "a", "v": 1}, {"id": "b"}, 5, null, {"v": 2}, {"id": "c", "v": "much"}, {"id": "d", "v": {}},
         {"id": "e", "v": 1e999}, {"id": ["f"], "v": 1}, {"id": "g", "v": null}, {"id": "h", "v": 2},
         {"id": "a", "v": 3}, {"id": "%s", "v": 4}, {"id": "i", "v": true}]
        """
            .formatted("x".repeat(2000)));
    Findings findings = find(definition("m", "/x", "v"));

    assertThat(Polled.shown(findings)).containsExactly("a m 1.0", "h m 2.0", "i m 1.0");
    assertThat(findings.found())
        .filteredOn(each -> each.failure() != null)
        .extracting(each -> each.target().resourceId(), Found::failure)
        .extracting(Object::toString)
        .hasSize(5)
        .startsWith(
            "(\"b\", \"m: there is no v\")",
            "(\"c\", \"m: the value much is no number\")",
            "(\"d\", \"m: the value {} is no number\")",
            "(\"e\", \"m: the value inf is no number\")");
    assertThat(findings.remarks())
        .contains(
            "m: entry 3: it has no resource at id",
            "m: entry 4: it has no resource at id",
            "m: entry 5: it has no resource at id",
            "m: entry 9: at id is no text",
            "m of a is there more than once: the first counts");
    assertThat(findings.isComplete()).isTrue();
  }

  @Test
  void whoseItIsMustBeThereWhereItWasPromised() throws Exception {
    server.serve("/x", "[{\"id\": 7, \"o\": \"p$u\", \"v\": 1}, {\"id\": 8, \"v\": 1}]");
    Findings findings =
        find(
            definition(
                "m",
                "/x",
                "v",
                "project-id-attribute = \"o | value.split('$')[0]\"",
                "user-id-attribute = \"o | value.split('$')[1]\"",
                "resource-id-attribute = \"id | 'r' + str(value)\""));
    assertThat(Polled.samples(findings))
        .extracting(
            each -> each.series().resourceId() + each.series().projectId() + each.series().userId())
        .containsExactly("r7pu");
    assertThat(findings.found().get(1).failure())
        .isEqualTo("m: at o | value.split('$')[0]: there is no o");
  }

  @Test
  void entriesAreFoundWhereTheyAre() throws Exception {
    server.serve("/first", "{\"a\": [{\"id\": 1, \"v\": 1}], \"b\": 5}");
    server.serve("/one", "{\"a\": {\"id\": 2, \"v\": 2}}");
    server.serve("/flat", "{\"id\": 3, \"v\": 3}");
    server.serve("/none", "{\"a\": null}");
    server.serve("/empty", "{}");
    server.serve("/deep", "{\"x\": 1, \"a\": {\"b\": [[{\"id\": 4, \"v\": 4}]]}}");
    server.serve("/scalar", "5");
    server.serve("/lost", "{\"x\": []}");
    String deep = "response-entries-key = \"a.b | value[0]\"";
    Findings findings =
        find(
            definition("first", "/first", "v"),
            definition("one", "/one", "v"),
            definition("flat", "/flat", "v"),
            definition("none", "/none", "v"),
            definition("empty", "/empty", "v"),
            definition("deep", "/deep", "v", deep),
            definition("scalar", "/scalar", "v"),
            definition("lost", "/lost", "v", deep));
    assertThat(Polled.shown(findings))
        .containsExactlyInAnyOrder("1 first 1.0", "2 one 2.0", "3 flat 3.0", "4 deep 4.0");
    assertThat(findings.remarks())
        .containsExactlyInAnyOrder(
            "scalar: the answer has no entries: no list and no object",
            "lost: no entries at a.b | value[0]: there is no a");
    assertThat(findings.isComplete()).isFalse();
  }

  @Test
  void severalMetricsOfAnEntryAreOneBatch() throws Exception {
    server.serve(
        "/usage",
        """
        {"summary": [
          {"user": "p$u", "categories": [{"category": "get_obj", "ops": 5}, {"category": "put_obj", "ops": 6},
             {"category": "list", "ops": 7}, {"ops": 8}, {"category": "odd", "ops": "x"}, 3]},
          {"user": "q$u", "categories": []},
          {"user": "r$u"}]}
        """);
    Findings findings =
        find(
            definition(
                "radosgw.api.{category}",
                "/usage",
                "[categories].ops",
                "resource-id-attribute = \"user | value.split('$')[0]\"",
                "skip-sample-values = [list]"));
    assertThat(Polled.shown(findings))
        .containsExactly("p radosgw.api.get_obj 5.0", "p radosgw.api.put_obj 6.0");
    assertThat(findings.found()).hasSize(3);
    assertThat(findings.found().get(1).reading()).isEqualTo(SampleBatch.EMPTY);
    assertThat(findings.found().get(2).failure())
        .isEqualTo("radosgw.api.{category}: no list at categories");
    assertThat(findings.remarks())
        .contains(
            "radosgw.api.{category}: a metric has no name at category",
            "radosgw.api.odd: the value x is no number");
  }

  @Test
  void aResourceOfSeveralDefinitionsIsFoundOnce() throws Exception {
    server.serve("/zones", "[{\"id\": \"z\", \"ttl\": 60, \"serial\": 5}]");
    server.serve(
        "/others", "[{\"id\": \"z\", \"n\": 2, \"m\": \"much\"}, {\"id\": \"y\", \"n\": \"odd\"}]");
    Findings findings =
        find(
            definition("ttl", "/zones", "ttl"),
            definition("serial", "/zones", "serial"),
            definition("n", "/others", "n"),
            definition("m", "/others", "m"));
    assertThat(findings.found())
        .extracting(each -> each.target().resourceId())
        .containsExactlyInAnyOrder("z", "y");
    assertThat(Polled.shown(findings))
        .containsExactlyInAnyOrder("z ttl 60.0", "z serial 5.0", "z n 2.0");
    assertThat(findings.remarks())
        .as("a failure of what was read otherwise; another one stands with its resource")
        .containsExactly("z: m: the value much is no number");
    assertThat(server.asked("/zones")).as("one question is asked once").hasSize(1);
  }

  @Test
  void onlyWhatTheSourceKeepsIsAsked() throws Exception {
    server.serve("/a", "[{\"id\": 1, \"v\": 1}]");
    server.serve(
        "/m", "[{\"id\": 1, \"l\": [{\"k\": \"x\", \"v\": 1}, {\"k\": \"y\", \"v\": 2}]}]");
    String definitions =
        String.join(
            "\n",
            definition("a.b", "/a", "v"),
            definition("a.c", "/a?c", "v"),
            definition("m.{k}", "/m", "[l].v"));
    try (Polled polled = Polled.with(definitions)) {
      assertThat(Polled.shown(polled.find("a.b", "m.y")))
          .containsExactlyInAnyOrder("1 a.b 1.0", "1 m.y 2.0");
      assertThat(server.asked).hasSize(2);
      assertThat(Polled.shown(polled.find("*", "!m.*", "!a.b"))).contains("1 a.c 1.0").hasSize(1);
      server.asked.clear();
      assertThat(Polled.shown(polled.find("a.b"))).hasSize(1);
      assertThat(server.asked("/m")).isEmpty();
      assertThat(Polled.shown(polled.find("dynamic", "m.{k}", Duration.ofSeconds(30), "*")))
          .containsExactly("1 m.x 1.0", "1 m.y 2.0");
      assertThatThrownBy(() -> polled.find("dynamic", "no.such", Duration.ofSeconds(30), "*"))
          .hasRootCauseMessage("dynamic:no.such: there is no definition of that name");
    }
  }

  @Test
  void pagesAreFollowedToTheLast() throws Exception {
    server.serve("/v2/list", exchange -> page(exchange, 5));
    Findings findings =
        find(
            definition(
                "m",
                "/v2/list",
                "v",
                "response-entries-key = items",
                "next-sample-url-attribute = \"links | [l['href'] for l in value if l['rel'] == 'next'] | value[0]\""));
    assertThat(Polled.shown(findings))
        .containsExactly("r1 m 1.0", "r2 m 2.0", "r3 m 3.0", "r4 m 4.0", "r5 m 5.0");
    assertThat(findings.isComplete()).isTrue();
  }

  /** Links of all forms, one after the other; the host has another port for itself. */
  private static void page(HttpExchange exchange, int last) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    int page = query == null ? 1 : Integer.parseInt(query.replaceAll("\\D", ""));
    String next = "?page=" + (page + 1);
    String link =
        switch (page) {
          case 1 -> next;
          case 2 -> "/v2/list" + next;
          case 3 -> "list" + next;
          default -> "https://localhost:1/v2/list" + next;
        };
    String links =
        page == last
            ? "[]"
            : "[{\"rel\": \"self\"}, {\"rel\": \"next\", \"href\": \"" + link + "\"}]";
    AskedServer.send(
        exchange,
        200,
        "{\"items\": [{\"id\": \"r%d\", \"v\": %d}], \"links\": %s}".formatted(page, page, links));
  }

  @Test
  void oneDefinitionThatFailsIsTheOnlyOneThatIsLost() throws Exception {
    server.serve("", "{\"a\": [{\"id\": 1, \"v\": 1}], \"next\": \"?page=2\"}");
    server.serve("/", "{\"a\": [{\"id\": 3, \"v\": 3}], \"next\": \"?page=2\"}");
    server.serve("/x", "[{\"id\": 2, \"v\": 2}]");
    Findings findings =
        find(
            definition("bare", "", "v", "next-sample-url-attribute = next"),
            definition("x", "/x", "v"),
            computed("ftp", "'ftp://localhost/s3cret'"),
            computed("userinfo", "'http://u:s3cret@localhost/'"),
            computed("list", "['http://localhost/?s3cret']"),
            computed("odd", "'http://localhost/a b?key=s3cret'"));
    assertThat(Polled.shown(findings)).contains("3 bare 3.0", "2 x 2.0");
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.remarks())
        .contains(
            "bare: the pages go round in a circle: " + server.url() + "/",
            "ftp: no http or https URL without user and password",
            "userinfo: no http or https URL without user and password",
            "list: the formula gives no text",
            "odd: no http or https URL without user and password");
  }

  private static String computed(String name, String formula) {
    return """
        { name = %s, sample-type = gauge, unit = a, value-attribute = v, url-path = "%s" }
        """
        .formatted(name, formula);
  }

  @Test
  void pagesThatGoRoundOrAstrayAreLeft() throws Exception {
    server.serve("/self", "{\"a\": [{\"id\": 1, \"v\": 1}], \"next\": \"/self\"}");
    server.serve(
        "/away", "{\"a\": [{\"id\": 2, \"v\": 1}], \"next\": \"http://169.254.169.254/x\"}");
    server.serve("/odd", "{\"a\": [{\"id\": 3, \"v\": 1}], \"next\": {\"x\": 1}}");
    server.serve("/bad", "{\"a\": [{\"id\": 4, \"v\": 1}], \"next\": \"::\"}");
    server.serve("/gone", "{\"a\": [{\"id\": 5, \"v\": 1}], \"next\": \"/404\"}");
    server.serve("/last", "{\"a\": [{\"id\": 6, \"v\": 1}], \"next\": \"\"}");
    server.serve(
        "/endless",
        exchange -> {
          String query = exchange.getRequestURI().getQuery();
          int page = query == null ? 0 : Integer.parseInt(query);
          AskedServer.send(
              exchange,
              200,
              "{\"a\": [{\"id\": \"e%d\", \"v\": 1}], \"next\": \"?%d\"}"
                  .formatted(page, page + 1));
        });
    String next = "next-sample-url-attribute = next";
    Findings findings =
        find(
            definition("self", "/self", "v", next),
            definition("away", "/away", "v", next),
            definition("odd", "/odd", "v", next),
            definition("bad", "/bad", "v", next),
            definition("gone", "/gone", "v", next),
            definition("last", "/last", "v", next),
            definition("endless", "/endless", "v", next));
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.found()).as("what was read counts").hasSize(6 + 1000);
    assertThat(findings.remarks())
        .containsExactlyInAnyOrder(
            "self: the pages go round in a circle: " + server.url() + "/self",
            "away: a link leads to another host: it is not followed",
            "odd: no next page at next: no text",
            "bad: no link: it is not written as one",
            "gone: " + server.url() + "/404: answered with status 404",
            "endless: more than 1000 pages");
  }

  @Test
  void whatDoesNotAnswerSaysSoAndOthersGoOn() throws Exception {
    server.serve("/ok", "[{\"id\": 1, \"v\": 1}]");
    server.serve("/500", exchange -> AskedServer.send(exchange, 500, "[]"));
    server.serve("/garbage", "<html>");
    server.serve("/large", "[" + " ".repeat(Polled.MAX_BODY) + "]");
    server.serve("/hang", exchange -> server.over.await());
    server.serve("/trickle", this::trickle);
    server.serve(
        "/redirect",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/ok");
          AskedServer.send(exchange, 302, "");
        });
    Findings findings =
        find(
            definition("ok", "/ok", "v"),
            definition("a500", "/500", "v"),
            definition("garbage", "/garbage", "v"),
            definition("large", "/large", "v"),
            definition("hang", "/hang", "v", "timeout = 300ms"),
            definition("trickle", "/trickle", "v", "timeout = 300ms"),
            definition("redirect", "/redirect", "v"),
            "{ name = dead, sample-type = gauge, unit = \"\", value-attribute = v, url-path = \"http://localhost:1/secret?key=s3cret\" }");
    assertThat(Polled.shown(findings)).containsExactly("1 ok 1.0");
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.remarks()).hasSize(7);
    assertThat(String.join("\n", findings.remarks()))
        .contains(
            "a500: " + server.url() + "/500: answered with status 500",
            "garbage: " + server.url() + "/garbage: the answer cannot be read: no JSON: ",
            "large: " + server.url() + "/large: the answer is larger than 100000 bytes",
            "hang: " + server.url() + "/hang: no answer within 300 ms",
            "trickle: " + server.url() + "/trickle: no answer within 300 ms",
            "redirect: " + server.url() + "/redirect: answered with status 302",
            "dead: http://localhost:1/secret: ")
        .doesNotContain("s3cret");
    assertThatThrownBy(() -> find(definition("a500", "/500", "v")))
        .as("where nothing answers")
        .hasRootCauseMessage("a500: " + server.url() + "/500: answered with status 500");
  }

  private void trickle(HttpExchange exchange) throws Exception {
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write('[');
    exchange.getResponseBody().flush();
    server.over.await();
  }

  @Test
  void theWholeListingHasADeadline() throws Exception {
    server.serve("/first", "{\"a\": [{\"id\": 1, \"v\": 1}], \"next\": \"/hang\"}");
    server.serve("/hang", exchange -> server.over.await());
    String definition = definition("m", "/first", "v", "next-sample-url-attribute = next");
    try (Polled polled = Polled.with(definition)) {
      long before = System.nanoTime();
      Findings findings = polled.find("dynamic", "", Duration.ofSeconds(1), "*");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
      assertThat(Polled.shown(findings)).containsExactly("1 m 1.0");
      assertThat(findings.isComplete()).isFalse();
    }
  }

  @Test
  void otherFormatsAreRead() throws Exception {
    server.serve(
        "/xml",
        "<r><items><item id='a'><size>5</size></item><item id='b'><size>6</size></item></items></r>");
    server.serve("/text", "load 0.25\nup 7\n");
    Findings findings =
        find(
            definition(
                "xml",
                "/xml",
                "size",
                "response-handlers = [json, xml], response-entries-key = r.items.item",
                "resource-id-attribute = \"@id\""),
            definition(
                "text",
                "/text",
                "out | value.splitlines()[0].split()[1]",
                "response-handlers = [text]"));
    assertThat(Polled.shown(findings))
        .containsExactlyInAnyOrder("a xml 5.0", "b xml 6.0", "localhost text 0.25");
    assertThat(server.asked("/xml").get(0).header("Accept"))
        .isEqualTo("application/json, application/xml");
  }

  @Test
  void whoAsksSaysWhoHeIs() throws Exception {
    server.serve("/x", "[]");
    find(
        definition(
            "basic",
            "/x?basic",
            "v",
            "authentication { type = basic, username = u, password = \"p:ä\" }"),
        definition("bearer", "/x?bearer", "v", "authentication { type = bearer, token = t }"),
        definition(
            "header",
            "/x?header",
            "v",
            "headers { X-Key = k, accept = \"text/x\", User-Agent = me }"));
    assertThat(server.asked("/x"))
        .extracting(
            each ->
                each.uri().getQuery()
                    + " "
                    + each.header("Authorization")
                    + " "
                    + each.header("X-Key")
                    + " "
                    + each.header("Accept")
                    + " "
                    + each.header("User-Agent"))
        .containsExactlyInAnyOrder(
            "basic Basic dTpwOsOk null application/json Sonde",
            "bearer Bearer t null application/json Sonde",
            "header null k text/x me");
  }

  @Test
  void aClientMayHaveACertificate(@TempDir Path folder) throws Exception {
    TestCertificate own = TestCertificate.create(folder, "localhost");
    try (AskedServer tls =
        AskedServer.overTls(
            TlsFiles.context(true, own.certificate(), own.certificate(), own.key()))) {
      tls.serve("/x", "[{\"id\": 1, \"v\": 1}]");
      String url =
          "url-path = \"" + tls.url() + "/x\", value-attribute = v, sample-type = gauge, unit = a";
      String trusting = "verify = \"" + own.certificate() + "\"";
      Findings findings =
          find(
              "{ name = known, %s, authentication { %s, client-cert = \"%s\", client-key = \"%s\" } }"
                  .formatted(url, trusting, own.certificate(), own.key()),
              "{ name = unknown, %s, authentication { %s } }".formatted(url, trusting),
              "{ name = distrusting, %s }".formatted(url));
      assertThat(Polled.shown(findings)).containsExactly("1 known 1.0");
      assertThat(findings.remarks())
          .hasSize(2)
          .anyMatch(each -> each.startsWith("unknown: " + tls.url() + "/x: "))
          .anyMatch(each -> each.startsWith("distrusting: " + tls.url() + "/x: "));
    }
  }

  @Test
  void theServicesOfTheCloudAreAskedWithItsToken() throws Exception {
    server.endpoint("dns", "/dns");
    server.endpoint("dns", "/other/");
    server.serve("/dns/v2/zones", "{\"zones\": [{\"id\": \"a\", \"ttl\": 1}]}");
    server.serve("/other/v2/zones", "{\"zones\": [{\"id\": \"b\", \"ttl\": 2}]}");
    server.serve("/v9/zones", "{\"zones\": [{\"id\": \"c\", \"ttl\": 3}]}");
    try (Polled polled =
        Polled.with(
            """
            { name = ttl, sample-type = gauge, unit = s, value-attribute = ttl
              endpoint-type = dns, url-path = v2/zones, headers { X-All = "true" } }
            { name = root, sample-type = gauge, unit = s, value-attribute = ttl
              endpoint-type = dns, url-path = /v9/zones }
            { name = none, sample-type = gauge, unit = s, value-attribute = ttl
              endpoint-type = no-such, url-path = v2/zones }
            """,
            Polled.cloud(server))) {
      Findings findings = polled.find();
      assertThat(Polled.shown(findings))
          .containsExactlyInAnyOrder("a ttl 1.0", "b ttl 2.0", "c root 3.0");
      assertThat(findings.isComplete()).as("a service that is not there is no failure").isTrue();
      assertThat(findings.remarks())
          .contains("none: skipped, as the catalog has no endpoint of no-such");
      assertThat(server.asked("/dns/v2/zones"))
          .allMatch(each -> each.header("X-Auth-Token").equals("t0ken"))
          .allMatch(each -> each.header("X-All").equals("true"));
    }
  }

  @Test
  void oneEndpointThatFailsDoesNotStopAnother() throws Exception {
    server.endpoint("dns", "/dead");
    server.endpoint("dns", "/dns");
    server.serve("/dns/v2/zones", "{\"zones\": [{\"id\": \"a\", \"ttl\": 1}]}");
    try (Polled polled =
        Polled.with(
            """
            { name = ttl, sample-type = gauge, unit = s, value-attribute = ttl
              endpoint-type = dns, url-path = v2/zones }
            """,
            Polled.cloud(server))) {
      Findings findings = polled.find();
      assertThat(Polled.shown(findings)).containsExactly("a ttl 1.0");
      assertThat(findings.isComplete()).isFalse();
    }
  }

  @Test
  void withoutACloudTheRestIsAsked() throws Exception {
    server.serve("/x", "[{\"id\": 1, \"v\": 1}]");
    String ofCloud =
        "{ name = ttl, sample-type = gauge, unit = s, value-attribute = ttl, endpoint-type = dns, url-path = z }";
    Findings findings = find(ofCloud, definition("m", "/x", "v"));
    assertThat(Polled.shown(findings)).containsExactly("1 m 1.0");
    assertThat(findings.isComplete()).isTrue();
    assertThat(findings.remarks())
        .containsExactly("no cloud is configured: definitions with an endpoint-type are skipped");
    assertThatThrownBy(() -> find(ofCloud))
        .hasRootCauseMessage(
            "dynamic: no cloud is configured: definitions with an endpoint-type are skipped");
  }

  @Test
  void manyDefinitionsAndEntriesAtOnce() throws Exception {
    server.serve(
        "/many",
        IntStream.range(0, 2000)
            .mapToObj("{\"id\": %d, \"v\": 1}"::formatted)
            .collect(Collectors.joining(",", "[", "]")));
    Findings findings =
        find(
            IntStream.range(0, 50)
                .mapToObj(i -> definition("m" + i, "/many?" + i, "v"))
                .toArray(String[]::new));
    assertThat(findings.found()).hasSize(2000);
    assertThat(Polled.samples(findings)).hasSize(100_000);
  }

  @Test
  void namesAreOfTextAlone() throws Exception {
    server.serve(
        "/x",
        "[{\"id\": \"\u0000\", \"v\": 1}, {\"id\": \"b\", \"v\": 1, \"m\": \"%s\"}, {\"id\": \"c\", \"v\": 2}]"
            .formatted("m".repeat(70_000))
            .replace("\u0000", "\\u0000"));
    Findings findings = find(definition("m", "/x", "v", "metadata-fields = [m]"));
    assertThat(Polled.shown(findings)).containsExactly("c m 2.0");
    assertThat(findings.found()).hasSize(3);
  }

  private Findings find(String... definitions) throws Exception {
    try (Polled polled = Polled.with(String.join("\n", definitions))) {
      return polled.find();
    }
  }

  private String definition(String name, String path, String value, String... more) {
    return "{ name = \"%s\", sample-type = gauge, unit = GB, url-path = \"%s\", value-attribute = \"%s\"\n%s }"
        .formatted(name, server.url() + path, value, String.join("\n", more));
  }
}
