package io.sonde.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoleTest {
  @Test
  void withoutOneANodeHasAll() {
    assertThat(read("[]"))
        .containsExactly("poller", "pipeline", "collector", "notification", "api");
    assertThat(read("[api, poller]")).containsExactly("api", "poller");
  }

  @Test
  void oneThatThereIsNotIsNamedWithThoseThatThereAre() {
    assertThatThrownBy(() -> read("[api, colector]"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "sonde.cluster.roles[1]: \"colector\" is not one of the roles poller, pipeline,"
                + " collector, notification, api");
  }

  @Test
  void namesOfOthersAreNoRoles() {
    assertThat(Role.of(List.of("api", "dc-default"))).containsExactly(Role.API);
  }

  private static List<String> read(String roles) {
    return Role.read(
        ConfigSection.of(ConfigFactory.parseString("roles = " + roles), "sonde.cluster"), "roles");
  }
}
