package io.sonde.dynamic;

import io.sonde.dynamic.PollsterDefinition.Owner;
import io.sonde.expression.ExpressionException;
import io.sonde.model.Metadata;
import io.sonde.model.NameFilter;
import io.sonde.model.PythonText;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import io.sonde.polling.PollingContext;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/**
 * Asks one question, page by page, and makes samples of the entries for all definitions that ask
 * it. An entry that is odd costs itself only. Runs on a thread that may wait.
 */
final class Listing {
  private static final String SOURCE = "openstack";
  private static final int MOST_PAGES = 1000;

  private final Question question;
  private final List<PollsterDefinition> definitions;
  private final String title;
  private final Transport transport;
  private final Links links;
  private final Executor linking;
  private final PollingContext context;
  private final NameFilter meters;
  private final Deadline deadline;
  private final FoundResources found;

  /**
   * @param definitions with one question
   * @param linking where links are followed, several at a time
   * @param meters those that are wanted
   */
  Listing(
      List<PollsterDefinition> definitions,
      Transport transport,
      Links links,
      Executor linking,
      PollingContext context,
      NameFilter meters,
      Deadline deadline,
      FoundResources found) {
    this.question = definitions.get(0).question();
    this.definitions = definitions;
    this.title =
        definitions.stream().map(PollsterDefinition::title).collect(Collectors.joining(", "));
    this.transport = transport;
    this.links = links;
    this.linking = linking;
    this.context = context;
    this.meters = meters;
    this.deadline = deadline;
    this.found = found;
  }

  /** The names of the definitions. */
  String title() {
    return title;
  }

  /** Does all of it, and tells {@link FoundResources}. */
  void run() {
    try {
      if (question.isCommand()) {
        Object answer = transport.run(question, question.address().text(Map.of()), deadline);
        found.answered();
        take(answer, context.host());
      } else {
        bases().forEach(this::pages);
      }
    } catch (RuntimeException e) {
      found.failed(title, Transport.reasonOf(e));
    }
  }

  /** The endpoints, or null where the address says all. */
  private List<URI> bases() {
    if (question.endpointType() == null) {
      return Collections.singletonList(null);
    }
    List<URI> endpoints = transport.endpoints(question.endpointType(), deadline);
    if (endpoints.isEmpty()) {
      found.answered();
      found.remark(
          title + ": skipped, as the catalog has no endpoint of " + question.endpointType());
    }
    return endpoints;
  }

  /** The pages of one endpoint; another one may answer where this one fails. */
  private void pages(URI endpoint) {
    try {
      String address = question.address().text(Map.of());
      URI url = endpoint == null ? Transport.whole(address) : Transport.behind(endpoint, address);
      Set<URI> asked = new HashSet<>();
      while (url != null) {
        asked.add(url);
        Object answer = transport.get(question, url, deadline);
        found.answered();
        take(answer, url.getHost());
        String link = nextPage(answer);
        url = link == null ? null : Transport.linked(url, link);
        if (asked.contains(url)) {
          throw new PollException("the pages go round in a circle: " + Transport.place(url));
        }
        if (url != null && asked.size() == MOST_PAGES) {
          throw new PollException("more than " + MOST_PAGES + " pages");
        }
      }
    } catch (RuntimeException e) {
      found.failed(title, Transport.reasonOf(e));
    }
  }

  /** Where the next page is; null where there is none. */
  private String nextPage(Object answer) {
    if (question.nextPage() == null) {
      return null;
    }
    Object link;
    try {
      link = question.nextPage().value(answer);
    } catch (ExpressionException e) {
      if (e.isAbsence()) {
        return null;
      }
      throw new PollException("no next page at " + question.nextPage() + ": " + e.getMessage());
    }
    if (link == null || link.equals("") || link.equals(false)) {
      return null;
    }
    if (!(link instanceof String text)) {
      throw new PollException("no next page at " + question.nextPage() + ": no text");
    }
    return text;
  }

  /**
   * @param place where the answer is from: the resource, where it is one entry that names none
   */
  private void take(Object answer, String place) {
    List<?> entries = Entries.of(answer, question.entries());
    long now = context.micros();
    String only = entries.size() == 1 ? place : null;
    List<Once> linked = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Object entry = entries.get(i);
      int number = i + 1;
      for (PollsterDefinition definition : definitions) {
        Once reading = new Once(() -> read(definition, entry, number, only, now));
        if (definition.extras().isEmpty()) {
          reading.run();
        } else {
          linked.add(reading);
        }
      }
    }
    linked.forEach(linking::execute);
    // Whoever else keeps those threads busy: the samples are had in time, without what links say.
    linked.forEach(each -> each.await(deadline.left()));
  }

  private void read(
      PollsterDefinition definition, Object entry, int number, String place, long now) {
    String resource = null;
    try {
      Owner owner = definition.owner();
      resource = text(owner, owner.resource(), entry);
      if (resource == null && !owner.isGiven().contains(owner.resource())) {
        resource = place;
      }
      if (resource == null) {
        throw new PollException("it has no resource at " + owner.resource());
      }
      String project = text(owner, owner.project(), entry);
      String user = text(owner, owner.user(), entry);
      Map<String, Object> sample = sample(entry, resource, project, user);
      Map<String, Object> captured = null;
      Object measured = entry;
      if (definition.isOfExtras()) {
        captured = captured(definition, sample);
        sample.put(AddressFormula.CAPTURED, captured);
        measured = sample;
      }
      Map<String, Double> values = values(definition, measured);
      if (values.isEmpty()) {
        // It is there, and not to be taken for gone.
        found.add(resource, SampleBatch.EMPTY);
        return;
      }
      Map<String, Object> metadata = Entries.fields(definition.metadata(), entry);
      if (captured == null) {
        captured(definition, sample).forEach(metadata::putIfAbsent);
      }
      PolledSamples samples =
          new PolledSamples(SOURCE, now).of(resource, project, user, Metadata.of(metadata));
      values.forEach(
          (name, value) -> samples.add(name, definition.type(), definition.unit(), value));
      found.add(resource, samples.build());
    } catch (RuntimeException e) {
      // Whatever an odd entry brings about, it is the only one that is lost.
      String why = PollException.reasonOf(e);
      if (resource == null) {
        found.remark(definition.title() + ": entry " + number + ": " + why);
      } else {
        found.unread(resource, definition.title() + ": " + why);
      }
    }
  }

  /** An id; null where there is none and none was promised. */
  private static String text(Owner owner, ValuePath path, Object entry) {
    Object value;
    try {
      value = path.value(entry);
    } catch (ExpressionException e) {
      if (e.isAbsence() && !owner.isGiven().contains(path)) {
        return null;
      }
      throw new PollException("at " + path + ": " + e.getMessage());
    }
    if (value instanceof Map || value instanceof List) {
      throw new PollException("at " + path + " is no text");
    }
    return value == null || value.equals("") ? null : PythonText.str(value);
  }

  /** Values by the names of their meters; without those that are skipped or not there. */
  private Map<String, Double> values(PollsterDefinition definition, Object entry) {
    PollsterDefinition.Values values = definition.values();
    Map<String, Double> byMeter = new LinkedHashMap<>();
    if (values.metrics() == null) {
      put(definition.name(), values, entry, byMeter);
      return byMeter;
    }
    Object metrics = entry instanceof Map<?, ?> map ? map.get(values.metrics()) : null;
    if (!(metrics instanceof List<?> list)) {
      throw new PollException("no list at " + values.metrics());
    }
    for (Object metric : list) {
      Object name = metric instanceof Map<?, ?> map ? map.get(values.naming()) : null;
      if (name == null || name instanceof Map || name instanceof List || name.equals("")) {
        found.remark(definition.title() + ": a metric has no name at " + values.naming());
      } else if (!values.skipped().contains(PythonText.str(name))) {
        try {
          put(definition.name() + PythonText.str(name), values, metric, byMeter);
        } catch (ExpressionException | PollException e) {
          found.remark(definition.name() + PythonText.str(name) + ": " + e.getMessage());
        }
      }
    }
    return byMeter;
  }

  private void put(
      String meter, PollsterDefinition.Values values, Object of, Map<String, Double> byMeter) {
    if (!meters.matches(meter)) {
      return;
    }
    Object raw = values.path().value(of);
    String text = Entries.text(raw);
    if (values.skipped().contains(text)) {
      return;
    }
    if (!values.mapping().isEmpty()) {
      byMeter.put(meter, Entries.mapped(values.mapping(), raw, values.absent()));
    } else if (raw != null) {
      byMeter.put(meter, number(raw, text));
    }
  }

  private static double number(Object raw, String text) {
    if (raw instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    double number = Double.NaN;
    if (raw instanceof Number || raw instanceof String) {
      try {
        number = raw instanceof Number known ? known.doubleValue() : Double.parseDouble(text);
      } catch (NumberFormatException e) {
        // Told below.
      }
    }
    if (!Double.isFinite(number)) {
      String shown = text.length() <= 40 ? text : text.substring(0, 40) + "…";
      throw new PollException("the value " + shown + " is no number");
    }
    return number;
  }

  /** What is to be known beside the entry; what cannot be had is left out. */
  private Map<String, Object> captured(PollsterDefinition definition, Map<String, Object> sample) {
    boolean isLeftOut =
        definition.isNotEnriched().stream().anyMatch(part -> Entries.isPart(part, sample));
    if (definition.extras().isEmpty() || isLeftOut) {
      return Map.of();
    }
    List<String> failures = new ArrayList<>();
    Map<String, Object> captured = links.of(sample, definition.extras(), deadline, failures);
    failures.forEach(
        failure ->
            found.remark(definition.title() + ": " + sample.get("id") + ": without " + failure));
    return captured;
  }

  /** The entry, and who and what it is under the names that formulas use. */
  private static Map<String, Object> sample(
      Object entry, String resource, String project, String user) {
    Map<String, Object> sample = new LinkedHashMap<>();
    if (entry instanceof Map<?, ?> map) {
      map.forEach((name, value) -> sample.put(String.valueOf(name), value));
    }
    sample.put("id", resource);
    sample.put("resource_id", resource);
    sample.put("project_id", project);
    sample.put("user_id", user);
    return sample;
  }
}
