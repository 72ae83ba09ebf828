package io.sonde.host;

import io.sonde.definition.IpmiReading;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.PollsterFactory;
import io.sonde.polling.Search;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * Reads the sensors that the management controller (BMC) of a node's host has, with ipmitool. One
 * call tells of all sensors, so the discovery reads them all along the way.
 */
public final class IpmiPollster implements Pollster {
  static final String NAME = "ipmi";

  private static final String SOURCE = "hardware";
  private static final String BEGINNING = "hardware.ipmi.";
  private static final String POWER = "power";
  private static final Set<String> KINDS = Set.of("temperature", "voltage", "current", "fan");

  private static final String ID = "Sensor ID";
  private static final String TYPE = "Sensor Type";
  private static final String READING = "Sensor Reading";
  private static final Map<String, String> UNITS = Map.of("Amps", "A", "percent", "%");
  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?");

  /** Said by ipmitool on a host that has no controller, or no driver for it. */
  private static final String NO_CONTROLLER = "Could not open device";

  private static final int LONGEST_REASON = 200;

  private final List<String> command;
  private PollingContext context;

  private IpmiPollster(List<String> command) {
    this.command = command;
  }

  /** Makes it with the program and its first arguments that stand at {@code command}. */
  public static PollsterFactory factory() {
    return PollsterFactory.of(NAME, IpmiPollster::from);
  }

  private static Pollster from(ConfigSection parameters) {
    String expected = "a list of the program and its arguments, such as [ipmitool]";
    List<String> command = new ArrayList<>(parameters.allow("command").texts("command", expected));
    if (command.isEmpty() || command.get(0).isBlank()) {
      throw new ConfigException(parameters.path("command"), parameters.shown("command"), expected);
    }
    command.addAll(List.of("sdr", "-v"));
    return new IpmiPollster(command);
  }

  @Override
  public void start(PollingContext given) {
    context = given;
  }

  @Override
  public List<Discovery> discoveries() {
    return List.of(new Sensors());
  }

  private final class Sensors implements Discovery {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public boolean isLocal() {
      return true;
    }

    @Override
    public CompletionStage<Findings> find(Search search) {
      return ToolRun.of(command, search.deadline(), context.maxBody(), context.blocking())
          .handle((result, failure) -> failure == null ? findings(result) : withoutTool(failure));
    }
  }

  private Findings withoutTool(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof ToolRun.NoSuchTool) {
      return unknown(command.get(0) + " cannot be started: " + cause.getMessage());
    }
    throw new PollException(command.get(0) + ": " + PollException.reasonOf(failure));
  }

  /** The sensors cannot be looked at, which does not mean that there are none any more. */
  private static Findings unknown(String why) {
    return new Findings(List.of(), false, List.of(why));
  }

  private Findings findings(ToolRun.Result result) {
    List<Map<String, String>> records = records(result.output());
    if (records.isEmpty() && result.output().contains(NO_CONTROLLER)) {
      return unknown(reason(result));
    }
    if (records.isEmpty() && (result.exitCode() != 0 || !result.output().isBlank())) {
      throw new PollException(reason(result));
    }
    List<String> remarks = new ArrayList<>();
    Map<String, Found> found = new LinkedHashMap<>();
    long now = context.micros();
    for (Map<String, String> record : records) {
      read(record, now, found, remarks);
    }
    if (result.exitCode() != 0) {
      remarks.add(reason(result));
    }
    return new Findings(List.copyOf(found.values()), result.exitCode() == 0, remarks);
  }

  /** Its last line says why it failed. */
  private String reason(ToolRun.Result result) {
    List<String> lines = result.output().lines().filter(line -> !line.isBlank()).toList();
    String last = lines.isEmpty() ? "no output" : shown(lines.get(lines.size() - 1));
    return command.get(0) + ", exit code " + result.exitCode() + ": " + last;
  }

  private static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", " ").strip();
    return plain.length() > LONGEST_REASON ? plain.substring(0, LONGEST_REASON) + "…" : plain;
  }

  /** The records of the sensors, each a map of fields, in the order of the output. */
  private static List<Map<String, String>> records(String output) {
    List<Map<String, String>> records = new ArrayList<>();
    for (String line : output.lines().toList()) {
      int colon = line.indexOf(':');
      boolean isFirst = line.startsWith(ID);
      // Fields are indented; what is not are messages of the tool.
      boolean isField = isFirst || (line.startsWith(" ") && !records.isEmpty());
      if (colon < 0 || !isField) {
        continue;
      }
      if (isFirst) {
        records.add(new TreeMap<>());
      }
      String name = line.substring(0, colon).strip();
      String value = line.substring(colon + 1).replaceAll("\\p{Cntrl}", " ").strip();
      records.get(records.size() - 1).putIfAbsent(name, value);
    }
    return records;
  }

  private void read(
      Map<String, String> sensor, long now, Map<String, Found> found, List<String> remarks) {
    String reading = sensor.getOrDefault(READING, "");
    String type = analogType(sensor);
    if (type == null) {
      return;
    }
    // Otherwise it is switched off, and ipmitool says so in words.
    boolean isRead = !reading.isEmpty() && "+-0123456789".indexOf(reading.charAt(0)) >= 0;
    IpmiReading measured = IpmiReading.of(reading);
    String kind = measured != null && measured.unit().equals("W") ? POWER : type;
    String id = sensor.getOrDefault(ID, "");
    if (id.isEmpty()) {
      remarks.add("a sensor without an id says " + shown(reading));
      return;
    }
    PolledTarget target =
        new PolledTarget(NAME, IpmiReading.resourceId(context.host(), id), context.host(), id);
    if (found.containsKey(target.resourceId())) {
      remarks.add("two sensors have the id " + shown(id) + "; the first one counts");
    } else if (!isRead || !(kind.equals(POWER) || KINDS.contains(kind))) {
      // Without a reading nobody knows whether it would say watts: all are there, whatever they
      // say.
      found.put(target.resourceId(), Found.read(target, SampleBatch.EMPTY));
    } else if (measured == null || !NUMBER.matcher(measured.volume()).matches()) {
      String failure = "a number and a unit are expected, found " + shown(reading);
      found.put(target.resourceId(), Found.unread(target, failure));
    } else {
      found.put(target.resourceId(), found(target, BEGINNING + kind, measured, sensor, now));
    }
  }

  private Found found(
      PolledTarget target,
      String meter,
      IpmiReading measured,
      Map<String, String> sensor,
      long now) {
    Map<String, String> about = new TreeMap<>(sensor);
    // It would make new metadata of every sample.
    about.remove(READING);
    about.put("node", context.host());
    try {
      SampleBatch batch =
          new PolledSamples(SOURCE, now)
              .of(target.resourceId(), Metadata.of(about))
              .gauge(
                  meter,
                  UNITS.getOrDefault(measured.unit(), measured.unit()),
                  Double.valueOf(measured.volume()))
              .build();
      return Found.read(target, batch);
    } catch (IllegalArgumentException e) {
      return Found.unread(target, e.getMessage());
    }
  }

  /** In lower case; null where the sensor has states and not numbers. */
  private static String analogType(Map<String, String> sensor) {
    for (String form : List.of("Threshold", "Analog")) {
      String type = sensor.get(TYPE + " (" + form + ")");
      if (type != null) {
        int parenthesis = type.indexOf(" (");
        String name = parenthesis < 0 ? type : type.substring(0, parenthesis);
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }
}
