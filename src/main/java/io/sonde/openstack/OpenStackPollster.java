package io.sonde.openstack;

import io.sonde.definition.UserMetadata;
import io.sonde.model.ConfigSection;
import io.sonde.model.SampleBatch;
import io.sonde.polling.Discovery;
import io.sonde.polling.Found;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.PollsterFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Reads the services of a cloud, in the name of a user who may see all projects. Most resources are
 * read when they are listed, and are never asked by themselves; Swift's accounts are.
 */
public final class OpenStackPollster implements Pollster {
  static final String NAME = "openstack";

  private static final int PAGE_SIZE = 500;
  private static final UserMetadata USER_METADATA =
      new UserMetadata(List.of("metering."), List.of(), 256);

  private final CloudSettings cloud;
  private final int pageSize;
  private final Swift swift;
  private final List<Discovery> discoveries = new ArrayList<>();
  private PollingContext context;
  private CloudSession session;

  private OpenStackPollster(ConfigSection parameters) {
    parameters.allow("cloud", "page-size", "swift-account-prefix", "user-metadata");
    cloud = CloudSettings.from(parameters.section("cloud"));
    pageSize = parameters.has("page-size") ? parameters.integer("page-size", 1, 10_000) : PAGE_SIZE;
    UserMetadata userMetadata =
        parameters.has("user-metadata")
            ? UserMetadata.from(parameters.section("user-metadata"))
            : USER_METADATA;
    List<Kind> kinds = new ArrayList<>();
    kinds.add(Nova.servers(userMetadata));
    kinds.addAll(Cinder.kinds());
    kinds.addAll(Neutron.kinds());
    kinds.add(Glance.images());
    kinds.forEach(kind -> discoveries.add(new KindDiscovery(this, kind)));
    swift = new Swift(this, parameters.text("swift-account-prefix").orElse("AUTH_"));
    discoveries.add(swift);
  }

  /** Makes it, with the cloud and how it is read as parameters. */
  public static PollsterFactory factory() {
    return PollsterFactory.of(NAME, OpenStackPollster::new);
  }

  @Override
  public List<Discovery> discoveries() {
    return List.copyOf(discoveries);
  }

  @Override
  public void start(PollingContext given) {
    context = given;
    session = new CloudSession(cloud, given);
  }

  @Override
  public String host(PolledTarget target) {
    return Swift.isAccount(target) ? Swift.url(target).getAuthority() : null;
  }

  @Override
  public CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline) {
    return Swift.isAccount(target)
        ? swift.poll(target, deadline)
        : Pollster.super.poll(target, deadline);
  }

  PollingContext context() {
    return context;
  }

  CloudSession session() {
    return session;
  }

  int pageSize() {
    return pageSize;
  }

  /** A look at listings, whose entries are read so. */
  Look look(Limit limit, Function<Entry, Found> reader) {
    return new Look(session, pageSize, limit, reader);
  }
}
