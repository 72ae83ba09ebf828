package io.sonde.dynamic;

import io.sonde.polling.PollException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParser;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * XML as maps, as Python's xmltodict makes them: an element is a map of its elements by their
 * names, of its attributes with an {@code @} before theirs, and of its text as {@code #text}; only
 * text is a text, nothing is null; elements of one name become a list. Prefixes stay. A document
 * type is refused, so nothing is read from elsewhere and nothing grows.
 */
final class XmlTree extends DefaultHandler {
  private static final int MAX_DEPTH = 200;

  /** An element that is open: its parts, null while there are none, and its text so far. */
  private static final class Element {
    private Map<String, Object> parts;
    private final StringBuilder text = new StringBuilder();

    @SuppressWarnings("unchecked")
    void add(String name, Object value) {
      if (parts == null) {
        parts = new LinkedHashMap<>();
      }
      if (!parts.containsKey(name)) {
        parts.put(name, value);
      } else if (parts.get(name) instanceof List<?> several) {
        ((List<Object>) several).add(value);
      } else {
        List<Object> several = new ArrayList<>();
        several.add(parts.get(name));
        several.add(value);
        parts.put(name, several);
      }
    }

    Object value() {
      String stripped = text.toString().strip();
      if (parts == null) {
        return stripped.isEmpty() ? null : stripped;
      }
      if (!stripped.isEmpty()) {
        add("#text", stripped);
      }
      return parts;
    }
  }

  private final Deque<Element> open = new ArrayDeque<>();

  private XmlTree() {
    open.push(new Element());
  }

  /**
   * The document.
   *
   * @throws PollException when it is none
   */
  static Object read(byte[] body) {
    try {
      SAXParserFactory factory = SAXParserFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      SAXParser parser = factory.newSAXParser();
      XmlTree tree = new XmlTree();
      parser.parse(new InputSource(new ByteArrayInputStream(body)), tree);
      return tree.open.pop().value();
    } catch (SAXParseException e) {
      throw new PollException("no XML: line " + e.getLineNumber() + ": " + e.getMessage());
    } catch (SAXException | IOException e) {
      throw new PollException("no XML: " + e.getMessage());
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void startElement(String uri, String localName, String name, Attributes attributes)
      throws SAXException {
    if (open.size() > MAX_DEPTH) {
      throw new SAXException("elements nested deeper than " + MAX_DEPTH);
    }
    Element element = new Element();
    for (int i = 0; i < attributes.getLength(); i++) {
      element.add("@" + attributes.getQName(i), attributes.getValue(i));
    }
    open.push(element);
  }

  @Override
  public void characters(char[] text, int start, int length) {
    open.peek().text.append(text, start, length);
  }

  @Override
  public void endElement(String uri, String localName, String name) {
    Object value = open.pop().value();
    open.peek().add(name, value);
  }

  /** The default prints fatal errors. */
  @Override
  public void fatalError(SAXParseException failure) throws SAXException {
    throw failure;
  }
}
