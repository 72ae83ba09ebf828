package io.sonde.publish;

import java.util.Set;

/**
 * Makes the publishers of some schemes. Others than the built-in ones are found by {@link Plugins}.
 */
public interface PublisherFactory {
  /** What stands before {@code ://} in the URLs that are for this factory. */
  Set<String> schemes();

  /**
   * The publisher of a URL. Checks all of the URL and connects to nobody: a consumer that is away
   * now is tried when there is something to hand over.
   *
   * @throws io.sonde.model.ConfigException when the URL is not right; unknown options are not
   */
  Publisher create(PublisherUrl url);
}
