package io.sonde.libvirt;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * What is taken from the XML description of a domain. Whatever is not in it is null.
 *
 * @param name libvirt's name of it
 * @param architecture of its processors
 * @param nova what Nova has written into it; null for a domain of somebody else
 * @param disks names of its disks inside of it, such as vda
 * @param interfaces those that have a device on the host
 */
record DomainXml(
    String name,
    String osType,
    String architecture,
    Nova nova,
    List<String> disks,
    List<Interface> interfaces) {

  /** Descriptions have some kilobytes. */
  static final int MAX_LENGTH = 1 << 20;

  private static final String NOVA = "http://openstack.org/xmlns/libvirt/nova/1.";

  /**
   * What Nova says of an instance.
   *
   * @param name shown to its owner
   * @param flavor null where there is none
   * @param imageId that it was started from; null for one started from a volume
   */
  record Nova(String name, Flavor flavor, String userId, String projectId, String imageId) {}

  /**
   * A size of instances.
   *
   * @param diskGib of the root disk, without the ephemeral one
   */
  record Flavor(
      String id,
      String name,
      Long vcpus,
      Long memoryMib,
      Long diskGib,
      Long ephemeralGib,
      Long swapMib) {}

  /**
   * A network interface.
   *
   * @param device on the host, such as tap0a1b2c3d-4e
   * @param filter of libvirt that guards it
   * @param parameters of the filter, with its bridge and the id of its port
   */
  record Interface(String device, String mac, String filter, Map<String, String> parameters) {}

  /**
   * Reads a description. Entities and document types are refused.
   *
   * @throws IllegalArgumentException when it is none, or longer than {@link #MAX_LENGTH}
   */
  static DomainXml parse(String xml) {
    if (xml.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a description of " + xml.length() + " characters, at most " + MAX_LENGTH + " are read");
    }
    try {
      return of(parser().parse(new InputSource(new StringReader(xml))).getDocumentElement());
    } catch (SAXException e) {
      throw new IllegalArgumentException("no description of a domain: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new AssertionError("read from memory", e);
    }
  }

  private static DocumentBuilder parser() {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setXIncludeAware(false);
      factory.setExpandEntityReferences(false);
      DocumentBuilder parser = factory.newDocumentBuilder();
      parser.setErrorHandler(new Thrower());
      return parser;
    } catch (ParserConfigurationException e) {
      throw new AssertionError("the JDK's parser has these features", e);
    }
  }

  private static DomainXml of(Element domain) {
    String name = text(child(domain, "name"));
    if (!domain.getLocalName().equals("domain") || name == null) {
      throw new IllegalArgumentException("no description of a domain with a name");
    }
    Element type = child(child(domain, "os"), "type");
    List<String> disks = new ArrayList<>();
    List<Interface> interfaces = new ArrayList<>();
    for (Element device : children(child(domain, "devices"), element -> true)) {
      String target = attribute(child(device, "target"), "dev");
      if (target != null && device.getLocalName().equals("disk")) {
        disks.add(target);
      } else if (target != null && device.getLocalName().equals("interface")) {
        interfaces.add(networkInterface(device, target));
      }
    }
    return new DomainXml(
        name,
        text(type),
        attribute(type, "arch"),
        nova(child(domain, "metadata")),
        List.copyOf(disks),
        List.copyOf(interfaces));
  }

  private static Interface networkInterface(Element device, String target) {
    Map<String, String> parameters = new TreeMap<>();
    Element filter = child(device, "filterref");
    for (Element parameter : children(filter, named("parameter"))) {
      String name = attribute(parameter, "name");
      if (name != null) {
        put(parameters, name.toLowerCase(Locale.ROOT), attribute(parameter, "value"));
      }
    }
    put(
        parameters,
        "interfaceid",
        attribute(child(child(device, "virtualport"), "parameters"), "interfaceid"));
    put(parameters, "bridge", attribute(child(device, "source"), "bridge"));
    return new Interface(
        target,
        attribute(child(device, "mac"), "address"),
        attribute(filter, "filter"),
        Map.copyOf(parameters));
  }

  private static void put(Map<String, String> parameters, String name, String value) {
    if (value != null) {
      parameters.put(name, value);
    }
  }

  private static Nova nova(Element metadata) {
    Predicate<Element> isNova =
        element ->
            element.getLocalName().equals("instance")
                && element.getNamespaceURI() != null
                && element.getNamespaceURI().startsWith(NOVA);
    for (Element instance : children(metadata, isNova)) {
      Element owner = child(instance, "owner");
      Element root = child(instance, "root");
      return new Nova(
          text(child(instance, "name")),
          flavor(child(instance, "flavor")),
          attribute(child(owner, "user"), "uuid"),
          attribute(child(owner, "project"), "uuid"),
          "image".equals(attribute(root, "type")) ? attribute(root, "uuid") : null);
    }
    return null;
  }

  private static Flavor flavor(Element flavor) {
    return flavor == null
        ? null
        : new Flavor(
            attribute(flavor, "id"),
            attribute(flavor, "name"),
            number(child(flavor, "vcpus")),
            number(child(flavor, "memory")),
            number(child(flavor, "disk")),
            number(child(flavor, "ephemeral")),
            number(child(flavor, "swap")));
  }

  private static Long number(Element element) {
    String text = text(element);
    try {
      return text == null ? null : Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          element.getNodeName() + " is " + text + ", expected a whole number", e);
    }
  }

  /** The first of that name; null where there is none, as in an element that is not there. */
  private static Element child(Element parent, String name) {
    List<Element> found = children(parent, named(name));
    return found.isEmpty() ? null : found.get(0);
  }

  private static Predicate<Element> named(String name) {
    return element -> element.getLocalName().equals(name);
  }

  private static List<Element> children(Element parent, Predicate<Element> wanted) {
    List<Element> found = new ArrayList<>();
    Node node = parent == null ? null : parent.getFirstChild();
    for (; node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && wanted.test(element)) {
        found.add(element);
      }
    }
    return found;
  }

  private static String attribute(Element element, String name) {
    return element == null || !element.hasAttribute(name) ? null : element.getAttribute(name);
  }

  /** What stands directly in it, trimmed; null where that is nothing. */
  private static String text(Element element) {
    StringBuilder text = new StringBuilder();
    Node node = element == null ? null : element.getFirstChild();
    for (; node != null; node = node.getNextSibling()) {
      if (node.getNodeType() == Node.TEXT_NODE || node.getNodeType() == Node.CDATA_SECTION_NODE) {
        text.append(node.getNodeValue());
      }
    }
    String trimmed = text.toString().trim();
    return trimmed.isEmpty() ? null : trimmed;
  }

  /** The parser's own handler prints. */
  private static final class Thrower implements ErrorHandler {
    @Override
    public void warning(SAXParseException warning) {
      // Nothing that matters here.
    }

    @Override
    public void error(SAXParseException error) throws SAXException {
      throw error;
    }

    @Override
    public void fatalError(SAXParseException error) throws SAXException {
      throw error;
    }
  }
}
