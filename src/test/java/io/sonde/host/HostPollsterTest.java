package io.sonde.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.polling.Found;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class HostPollsterTest {
  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final Search SEARCH =
      new Search("host", "", NameFilter.of(List.of("*"), ""), DEADLINE);

  private final Pollster pollster = started();

  private static Pollster started() {
    Pollster pollster =
        HostPollster.factory().create(ConfigSection.of(ConfigFactory.empty(), "host"));
    pollster.start(
        new PollingContext(
            "example", "http://h/", 1, Runnable::run, Clock.systemUTC(), leftOut -> {}));
    return pollster;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void processorsAreThoseOfTheKernel() throws IOException {
    double before = busyNanos();
    Map<String, Sample> machine = byMeter(read("machine"));
    double after = busyNanos();
    // The figures are cached for 0.3 s, and the kernel's count in hundredths of a second.
    double slack = 0.5e9 * Runtime.getRuntime().availableProcessors();
    assertThat(machine.get("cpu").volume()).isBetween(before - slack, after + slack);
    assertThat(machine.get("vcpus").volume())
        .isEqualTo((double) lines("/proc/stat").filter(l -> l.matches("cpu\\d.*")).count());
    assertThat(machine.get("cpu").metadata().json()).startsWith("{\"cpu_number\":");
    double load = Double.parseDouble(word("/proc/loadavg", "(\\S+) .*", 1));
    assertThat(machine.get("hardware.cpu.load.1min").volume()).isCloseTo(load, within(2.0));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void memoryIsThatOfTheKernel() throws IOException {
    Map<String, Sample> machine = byMeter(read("machine"));
    double total = meminfoMib("MemTotal");
    assertThat(machine.get("memory").volume()).isEqualTo(total);
    Offset<Double> slack = within(Math.max(256, total / 20));
    assertThat(machine.get("memory.available").volume())
        .isCloseTo(meminfoMib("MemAvailable"), slack);
    assertThat(machine.get("memory.usage").volume())
        .isEqualTo(total - machine.get("memory.available").volume(), within(1e-6));
    double swappedIn = Double.parseDouble(word("/proc/vmstat", "pswpin (\\d+)", 1)) / 256;
    assertThat(machine.get("memory.swap.in").volume()).isCloseTo(swappedIn, within(64.0));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void interfacesAreThoseOfTheKernel() throws IOException {
    for (PolledTarget target : targets("nic/")) {
      String name = target.address().substring("nic/".length());
      List<String> before = interfaceFields(name);
      Map<String, Sample> nic = byMeter(read(target.address()));
      List<String> after = interfaceFields(name);
      assertThat(name).isNotEqualTo("lo");
      assertThat(target.resourceId()).isEqualTo("example-" + name);
      Map<String, Integer> places =
          Map.of(
              "network.incoming.bytes", 0,
              "network.incoming.packets", 1,
              "network.incoming.packets.error", 2,
              "network.outgoing.bytes", 8,
              "network.outgoing.packets", 9,
              "network.outgoing.packets.error", 10);
      places.forEach(
          (meter, place) ->
              assertThat(nic.get(meter).volume())
                  .as(meter)
                  .isBetween(
                      Double.parseDouble(before.get(place)), Double.parseDouble(after.get(place))));
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void disksAreThoseOfTheKernel() throws IOException {
    for (PolledTarget target : targets("disk/")) {
      String name = target.address().substring("disk/".length());
      List<Double> before = diskFields(name);
      Map<String, Sample> disk = byMeter(read(target.address()));
      List<Double> after = diskFields(name);
      List<String> meters =
          List.of(
              "disk.device.read.requests",
              "disk.device.read.bytes",
              "disk.device.write.requests",
              "disk.device.write.bytes");
      for (int i = 0; i < meters.size(); i++) {
        assertThat(disk.get(meters.get(i)).volume()).isBetween(before.get(i), after.get(i));
      }
      assertThat(disk.get(meters.get(0)).metadata().json())
          .isEqualTo("{\"disk_name\":\"" + name + "\"}");
    }
  }

  @Test
  void thereIsAFileSystemAndItsFiguresAreTrue() throws IOException {
    List<PolledTarget> stores = targets("fs/");
    assertThat(stores).isNotEmpty();
    for (PolledTarget target : stores) {
      Path mount = Path.of(target.address().substring("fs/".length()));
      Map<String, Sample> store = byMeter(read(target.address()));
      double total = Files.getFileStore(mount).getTotalSpace();
      assertThat(store.get("disk.capacity").volume()).isEqualTo(total);
      double used = total - Files.getFileStore(mount).getUnallocatedSpace();
      assertThat(store.get("disk.usage").volume()).isCloseTo(used, within(256e6));
    }
  }

  @Test
  void everyPartIsOneResourceReadAtOneMoment() {
    List<PolledTarget> targets = found();
    assertThat(targets.get(0).resourceId()).isEqualTo("example");
    assertThat(targets).extracting(PolledTarget::resourceId).doesNotHaveDuplicates();
    assertThat(targets).allMatch(target -> target.host().equals("example"));
    for (PolledTarget target : targets) {
      long before = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
      List<Sample> samples = read(target.address());
      assertThat(samples).isNotEmpty();
      assertThat(samples).extracting(Sample::timestamp).containsOnly(samples.get(0).timestamp());
      assertThat(samples.get(0).timestamp()).isGreaterThanOrEqualTo(before);
      assertThat(samples)
          .allMatch(sample -> sample.key() == SampleKey.NONE)
          .allMatch(sample -> sample.series().source().equals("sonde"))
          .allMatch(sample -> sample.series().resourceId().equals(target.resourceId()));
    }
  }

  @Test
  void aPartThatIsGoneIsAFailure() {
    assertThatThrownBy(() -> read("disk/none")).hasMessageContaining("this host has no disk/none");
  }

  private List<Sample> read(String address) {
    PolledTarget target =
        found().stream()
            .filter(found -> found.address().equals(address))
            .findFirst()
            .orElse(new PolledTarget(HostPollster.NAME, "none", "example", address));
    return pollster.poll(target, DEADLINE).toCompletableFuture().join().samples();
  }

  private List<PolledTarget> targets(String kind) {
    return found().stream().filter(target -> target.address().startsWith(kind)).toList();
  }

  private List<PolledTarget> found() {
    return pollster.discoveries().get(0).find(SEARCH).toCompletableFuture().join().found().stream()
        .map(Found::target)
        .toList();
  }

  private static Map<String, Sample> byMeter(List<Sample> samples) {
    return samples.stream()
        .collect(Collectors.toMap(sample -> sample.series().meter(), Function.identity()));
  }

  private static double busyNanos() throws IOException {
    String[] ticks = word("/proc/stat", "cpu +(.*)", 1).split(" ", -1);
    double sum = 0;
    for (int place : new int[] {0, 1, 2, 5, 6, 7}) {
      sum += Double.parseDouble(ticks[place]);
    }
    return sum * 1e7;
  }

  private static double meminfoMib(String name) throws IOException {
    return Double.parseDouble(word("/proc/meminfo", name + ": +(\\d+) kB", 1)) / 1024;
  }

  private static List<String> interfaceFields(String name) throws IOException {
    return List.of(
        word("/proc/net/dev", " *" + Pattern.quote(name) + ": *(.*)", 1).split(" +", -1));
  }

  private static List<Double> diskFields(String name) throws IOException {
    String[] fields =
        word("/proc/diskstats", " *\\d+ +\\d+ " + Pattern.quote(name) + " (.*)", 1).split(" ", -1);
    return List.of(
        Double.parseDouble(fields[0]),
        Double.parseDouble(fields[2]) * 512,
        Double.parseDouble(fields[4]),
        Double.parseDouble(fields[6]) * 512);
  }

  private static String word(String file, String regex, int group) throws IOException {
    Pattern pattern = Pattern.compile(regex);
    return lines(file)
        .map(pattern::matcher)
        .filter(Matcher::matches)
        .findFirst()
        .orElseThrow()
        .group(group);
  }

  private static java.util.stream.Stream<String> lines(String file) throws IOException {
    return Files.readAllLines(Path.of(file)).stream();
  }
}
