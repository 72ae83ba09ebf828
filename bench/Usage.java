import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** CPU seconds so far and memory, of the server, of PostgreSQL and of this process. */
record Usage(double server, double postgres, double client) {
  static Usage now() {
    return new Usage(
        cpu(Load.jvms(), 2),
        cpu(tree(Load.postmaster()), 4),
        cpu(List.of(ProcessHandle.current().pid()), 2));
  }

  static List<Long> tree(long root) {
    return ProcessHandle.of(root)
        .map(p -> Stream.concat(Stream.of(p), p.descendants()).map(ProcessHandle::pid).toList())
        .orElse(List.of());
  }

  /** Fields: 2 for the processes alone, 4 with the children that they waited for. */
  static double cpu(List<Long> pids, int fields) {
    long ticks = 0;
    for (long pid : pids) {
      String stat = Load.read("/proc/" + pid + "/stat");
      if (!stat.isEmpty()) {
        String[] field = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        for (int i = 11; i < 11 + fields; i++) {
          ticks += Long.parseLong(field[i]);
        }
      }
    }
    return ticks / 100.0;
  }

  /** Of the processes that this one started and that have ended. */
  static double ended() {
    List<Long> self = List.of(ProcessHandle.current().pid());
    return cpu(self, 4) - cpu(self, 2);
  }

  static long kilobytes(List<Long> pids, String file, String key) {
    long sum = 0;
    for (long pid : pids) {
      Matcher line =
          Pattern.compile("(?m)^" + key + ":\\s+(\\d+)")
              .matcher(Load.read("/proc/" + pid + "/" + file));
      sum += line.find() ? Long.parseLong(line.group(1)) : 0;
    }
    return sum;
  }

  /** Bytes on the server's heap after a collection, which this causes. */
  static long liveHeap() throws IOException {
    Process histogram =
        new ProcessBuilder("jcmd", Long.toString(Load.jvm), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String text = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher total = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)").matcher(text);
    if (!total.find()) {
      throw new IOException("jcmd tells no heap of the server: " + text);
    }
    return Long.parseLong(total.group(1));
  }
}
