package io.sonde.http;

import akka.http.javadsl.model.AttributeKey;
import akka.http.javadsl.model.AttributeKeys;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.StatusCodes;
import io.sonde.model.PythonText;
import io.sonde.model.SeriesField;
import io.sonde.query.SampleFilter;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * Who asks, by the identity headers that OpenStack's proxies set. A caller with a project and
 * without the role admin sees and sends what belongs to that project; everybody else is
 * unrestricted, as in the original. The restriction is honoured wherever the headers come from,
 * since it only takes away; to fill the project and user of pushed samples the headers are trusted
 * on loopback, and elsewhere where the configuration says so.
 *
 * @param userId fills samples without a user, or null
 * @param projectId fills samples without a project, or null
 * @param onlyProject the project that the caller is kept to, or null
 */
record Caller(String userId, String projectId, String onlyProject) {
  /** May do everything. */
  static final Caller UNRESTRICTED = new Caller(null, null, null);

  private static final AttributeKey<Boolean> TRUSTED =
      AttributeKey.create("trusted", Boolean.class);

  /** A request whose identity headers are trusted wherever it comes from. */
  static HttpRequest trusted(HttpRequest request) {
    return request.addAttribute(TRUSTED, true);
  }

  static Caller of(HttpRequest request) {
    String project = header(request, "X-Project-Id");
    String restriction = isAdmin(header(request, "X-Roles")) ? null : project;
    boolean isTrusted = request.getAttribute(TRUSTED).isPresent() || isLocal(request);
    String user = isTrusted ? header(request, "X-User-Id") : null;
    // Nearly all pushes come without: one object for them is compared fastest.
    return user == null && project == null
        ? UNRESTRICTED
        : new Caller(user, isTrusted ? project : null, restriction);
  }

  /** Refuses a question about another project. */
  void mayAsk(String project) {
    if (onlyProject != null && !onlyProject.equals(project)) {
      throw new ApiException(
          StatusCodes.UNAUTHORIZED,
          "Not Authorized to access project " + ApiException.shown(PythonText.str(project)));
    }
  }

  /** Whether what belongs to a project, or to none, may be shown. */
  boolean maySee(String project) {
    return onlyProject == null || onlyProject.equals(project);
  }

  /** A filter, narrowed to what the caller may see. */
  SampleFilter scoped(SampleFilter filter) {
    return onlyProject == null ? filter : filter.with(Map.of(SeriesField.PROJECT_ID, onlyProject));
  }

  private static boolean isAdmin(String roles) {
    if (roles != null) {
      for (String role : roles.split(",", -1)) {
        if (role.strip().equalsIgnoreCase("admin")) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isLocal(HttpRequest request) {
    return request
        .getAttribute(AttributeKeys.remoteAddress)
        .flatMap(address -> address.getAddress())
        .map(InetAddress::isLoopbackAddress)
        .orElse(false);
  }

  private static String header(HttpRequest request, String name) {
    Optional<HttpHeader> header = request.getHeader(name);
    return header.map(HttpHeader::value).filter(value -> !value.isBlank()).orElse(null);
  }
}
