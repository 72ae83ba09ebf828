package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.NameFilter;
import io.sonde.model.Sample;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.PollsterFactory;
import io.sonde.polling.Search;
import io.sonde.publish.Plugins;
import io.sonde.publish.PublisherUrl;
import io.sonde.publish.Publishers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/extending.md shows is compiled, put into a jar, and found. */
class ExtendingTest {
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern CLASS =
      Pattern.compile("public final class (\\w+) implements (\\w+)");

  private static final Map<String, String> ROOMS =
      Map.of(
          "TransformerFactory", "pipeline",
          "PublisherFactory", "publish",
          "PollsterFactory", "polling");

  @TempDir Path folder;

  @AfterEach
  void closePlugins() {
    Plugins.open(List.of());
  }

  @Test
  void theExamplesWork() throws Exception {
    Plugins.open(List.of(jarOfExamples().getParent().toString()));

    TransformerDefinition step =
        new Transformers()
            .chain(
                ConfigSection.of(
                    ConfigFactory.parseString(
                        "transformers = [{ name = only_changes, parameters { tolerance = 1 } }]"),
                    "sink"))
            .get(0);
    List<Sample> made = new ArrayList<>();
    byte[] memory = null;
    for (double volume : new double[] {1, 1.5, 3, 3, 1}) {
      Sample sample =
          Samples.sample(Samples.series("m", MeterType.GAUGE, "", "r"), made.size() + 10L, volume);
      Outcome outcome = step.transformer().apply(sample, memory, 0);
      memory = outcome.next() == null ? memory : outcome.next();
      made.addAll(outcome.outputs());
    }
    assertThat(made).extracting(Sample::volume).startsWith(1.0).contains(3.0);
    new Publishers("").create(PublisherUrl.of("console://?prefix=x", "p")).publish(List.of());
    assertThatThrownBy(() -> new Publishers("").create(PublisherUrl.of("console://?y=x", "p")))
        .isInstanceOf(ConfigException.class);
    countsFiles(Plugins.of(PollsterFactory.class).get(0));
  }

  private void countsFiles(PollsterFactory factory) throws IOException {
    Path root = folder.resolve("spool");
    Files.createDirectories(root.resolve("mail"));
    Files.writeString(root.resolve("mail/1"), "");
    Pollster pollster =
        factory.create(
            ConfigSection.of(ConfigFactory.parseString("root = \"" + root + "\""), "spool"));
    pollster.start(
        new PollingContext("h", "http://h/", 1, Runnable::run, Clock.systemUTC(), leftOut -> {}));
    Duration deadline = Duration.ofSeconds(10);
    Search search = new Search("s", "", NameFilter.of(List.of("*"), ""), deadline);
    PolledTarget target =
        pollster
            .discoveries()
            .get(0)
            .find(search)
            .toCompletableFuture()
            .join()
            .found()
            .get(0)
            .target();
    Sample sample = pollster.poll(target, deadline).toCompletableFuture().join().sample(0);
    assertThat(sample.series().resourceId()).isEqualTo("h-mail");
    assertThat(sample.series().meter()).isEqualTo("spool.files");
    assertThat(sample.volume()).isEqualTo(1);
  }

  @Test
  void whatCannotBeLoadedIsNamed() throws IOException {
    assertThatThrownBy(() -> Plugins.open(List.of(folder.resolve("none.jar").toString())))
        .hasMessageContaining("sonde.plugins[0]")
        .hasMessageContaining("none.jar");
    Path broken = folder.resolve("broken.jar");
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(broken))) {
      write(jar, "META-INF/services/io.sonde.pipeline.TransformerFactory", "no.such.Class");
    }
    Plugins.open(List.of(broken.toString()));
    assertThatThrownBy(Transformers::new)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no.such.Class");
  }

  private Path jarOfExamples() throws IOException {
    Path sources = Files.createDirectories(folder.resolve("src"));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-proc:none",
                "-Xlint:all,-classfile",
                "-Werror"));
    Path jar = Files.createDirectories(folder.resolve("plugins")).resolve("examples.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/extending.md")));
      while (example.find()) {
        Matcher name = CLASS.matcher(example.group(1));
        assertThat(name.find()).isTrue();
        Path source = sources.resolve(name.group(1) + ".java");
        Files.writeString(source, example.group(1));
        arguments.add(source.toString());
        String room = ROOMS.get(name.group(2));
        write(
            out,
            "META-INF/services/io.sonde." + room + "." + name.group(2),
            "com.example.sonde." + name.group(1));
      }
      int failed =
          ToolProvider.getSystemJavaCompiler()
              .run(null, OutputStream.nullOutputStream(), null, arguments.toArray(new String[0]));
      assertThat(failed).as("javac").isZero();
      try (Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          out.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
          out.write(Files.readAllBytes(file));
        }
      }
    }
    return jar;
  }

  private static void write(JarOutputStream jar, String name, String text) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
