package io.sonde.publish;

import io.sonde.model.ConfigException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * What is added from outside: the providers in the jars that {@code sonde.plugins} names, and those
 * on the class path. The jars are of the whole process, and opened once, at its start.
 */
public final class Plugins {
  private static final String PATH = "sonde.plugins";

  private static volatile ClassLoader loader = Plugins.class.getClassLoader();

  private Plugins() {}

  /**
   * Opens jars, and from then on finds what is in them.
   *
   * @param places jars, and folders of jars
   * @throws ConfigException when one cannot be read
   */
  public static void open(List<String> places) {
    List<URL> jars = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      String path = PATH + "[" + i + "]";
      try {
        for (Path jar : jars(Path.of(places.get(i)))) {
          jars.add(url(jar));
        }
      } catch (IOException | IllegalArgumentException e) {
        ConfigException failure =
            new ConfigException(path, places.get(i), "a jar or a folder of jars that can be read");
        failure.initCause(e);
        throw failure;
      }
    }
    ClassLoader own = Plugins.class.getClassLoader();
    loader = jars.isEmpty() ? own : new URLClassLoader(jars.toArray(new URL[0]), own);
  }

  /**
   * All providers of a service.
   *
   * @throws ConfigException when one cannot be made
   */
  public static <T> List<T> of(Class<T> service) {
    try {
      List<T> providers = new ArrayList<>();
      ServiceLoader.load(service, loader).forEach(providers::add);
      return providers;
    } catch (ServiceConfigurationError e) {
      ConfigException failure =
          new ConfigException(PATH, e.getMessage(), "what can be loaded; see docs/extending.md");
      failure.initCause(e);
      throw failure;
    }
  }

  private static List<Path> jars(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      if (!Files.isReadable(place)) {
        throw new IOException("cannot be read: " + place);
      }
      return List.of(place);
    }
    try (Stream<Path> files = Files.list(place)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
