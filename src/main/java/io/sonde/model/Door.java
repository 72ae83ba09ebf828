package io.sonde.model;

/** The way by which samples came in. A pipeline source may take the samples of some doors only. */
public enum Door {
  /** Read by Sonde's own pollsters. */
  POLLING("polling"),
  /** Pushed over HTTP as JSON. */
  HTTP("http"),
  /** Pushed in Prometheus' remote write protocol. */
  REMOTE_WRITE("remote-write"),
  /** Told by services in notifications. */
  NOTIFICATION("notification");

  private final String configName;

  Door(String configName) {
    this.configName = configName;
  }

  /** The name used in configuration. */
  public String configName() {
    return configName;
  }

  /** The door of this configuration name, or null when there is none. */
  public static Door ofConfigName(String name) {
    for (Door door : values()) {
      if (door.configName.equals(name)) {
        return door;
      }
    }
    return null;
  }
}
