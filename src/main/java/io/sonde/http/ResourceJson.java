package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Timestamps;
import io.sonde.query.Interval;
import io.sonde.query.ResourceView;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Resources on the wire. Their links are encoded, unlike the original's, so that they also work for
 * ids with slashes and blanks.
 */
final class ResourceJson {
  private final String host;
  private final boolean hasMeterLinks;
  private final FlatMetadata flatMetadata = new FlatMetadata();

  /**
   * Writes for one answer.
   *
   * @param host what links begin with, e.g. {@code http://127.0.0.1:8777}
   * @param hasMeterLinks whether each resource links to its meters
   */
  ResourceJson(String host, boolean hasMeterLinks) {
    this.host = host;
    this.hasMeterLinks = hasMeterLinks;
  }

  void write(ResourceView resource, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("resource_id", resource.resourceId());
    out.writeStringField("project_id", resource.projectId());
    out.writeStringField("user_id", resource.userId());
    out.writeStringField("source", resource.source());
    out.writeFieldName("metadata");
    SampleJson.writeMap(flatMetadata.of(resource.metadata(), Map.of()), out);
    out.writeStringField("first_sample_timestamp", Timestamps.format(resource.firstTimestamp()));
    out.writeStringField("last_sample_timestamp", Timestamps.format(resource.lastTimestamp()));
    writeLinks(resource, out);
    out.writeEndObject();
  }

  /** A time through which a resource existed. */
  static void writeInterval(Interval interval, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("begin", Timestamps.format(interval.begin()));
    out.writeStringField(
        "end", interval.end() == Interval.OPEN ? null : Timestamps.format(interval.end()));
    out.writeStringField("state", interval.state());
    out.writeObjectFieldStart("shape");
    for (Map.Entry<String, String> entry : interval.shape().entrySet()) {
      out.writeStringField(entry.getKey(), entry.getValue());
    }
    out.writeEndObject();
    out.writeStringField("begun_by", interval.begunBy());
    out.writeStringField("ended_by", interval.endedBy());
    out.writeArrayFieldStart("remarks");
    for (String remark : interval.remarks()) {
      out.writeString(remark);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private void writeLinks(ResourceView resource, JsonGenerator out) throws IOException {
    String id = encoded(resource.resourceId());
    out.writeArrayFieldStart("links");
    // The id in the path is decoded once more than usual, hence encoded once more.
    writeLink("self", host + "/v2/resources/" + encoded(segment(id)), out);
    if (hasMeterLinks) {
      for (String meter : resource.meters()) {
        writeLink(
            meter,
            host + "/v2/meters/" + encoded(meter) + "?q.field=resource_id&q.value=" + id,
            out);
      }
    }
    out.writeEndArray();
  }

  private static void writeLink(String rel, String href, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("href", href);
    out.writeStringField("rel", rel);
    out.writeEndObject();
  }

  /** One or two dots alone are steps in a path, not names. */
  private static String segment(String id) {
    return id.equals(".") || id.equals("..") ? id.replace(".", "%2E") : id;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
