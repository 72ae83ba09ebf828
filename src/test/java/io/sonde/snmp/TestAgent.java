package io.sonde.snmp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.snmp4j.PDU;
import org.snmp4j.asn1.BER;
import org.snmp4j.asn1.BERInputStream;
import org.snmp4j.asn1.BEROutputStream;
import org.snmp4j.smi.Integer32;
import org.snmp4j.smi.Null;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.Variable;
import org.snmp4j.smi.VariableBinding;

/** An agent of version 2c at a UDP port of its own, which can be told to behave oddly. */
final class TestAgent implements AutoCloseable {
  static final String COMMUNITY = "geheim";

  /** What an agent does with a request. */
  interface Manner {
    void onRequest(PDU request, SocketAddress from) throws IOException;
  }

  private final DatagramSocket socket;
  private final Thread thread;
  private final ConcurrentSkipListMap<OID, Variable> variables = new ConcurrentSkipListMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Manner manner = this::answer;

  TestAgent() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    thread = new Thread(this::serve, "agent-" + socket.getLocalPort());
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Requests with the right community so far, those that are sent again among them. */
  int requests() {
    return requests.get();
  }

  TestAgent with(String oid, Variable value) {
    variables.put(new OID(oid), value);
    return this;
  }

  TestAgent behaving(Manner other) {
    manner = other;
    return this;
  }

  void answer(PDU request, SocketAddress from) throws IOException {
    send(response(request), from);
  }

  /** What an agent with these variables has to answer. */
  PDU response(PDU request) {
    PDU response = empty(request);
    if (request.getType() == PDU.GET) {
      for (VariableBinding asked : request.getVariableBindings()) {
        Variable value = variables.getOrDefault(asked.getOid(), Null.noSuchObject);
        response.add(new VariableBinding(asked.getOid(), value));
      }
      return response;
    }
    List<OID> at = new ArrayList<>();
    request.getVariableBindings().forEach(asked -> at.add(asked.getOid()));
    for (int i = 0; i < request.getMaxRepetitions(); i++) {
      for (int column = 0; column < at.size(); column++) {
        Map.Entry<OID, Variable> next = variables.higherEntry(at.get(column));
        if (next == null) {
          response.add(new VariableBinding(at.get(column), Null.endOfMibView));
        } else {
          at.set(column, next.getKey());
          response.add(new VariableBinding(next.getKey(), next.getValue()));
        }
      }
    }
    return response;
  }

  static PDU empty(PDU request) {
    PDU response = new PDU();
    response.setType(PDU.RESPONSE);
    response.setRequestID(request.getRequestID());
    return response;
  }

  static PDU error(PDU request, int status) {
    PDU response = empty(request);
    response.addAll(request.getVariableBindings().toArray(VariableBinding[]::new));
    response.setErrorStatus(status);
    return response;
  }

  void send(PDU response, SocketAddress to) throws IOException {
    send(response, COMMUNITY, to);
  }

  void send(PDU response, String community, SocketAddress to) throws IOException {
    Integer32 version = new Integer32(1);
    OctetString name = new OctetString(community);
    int length = version.getBERLength() + name.getBERLength() + response.getBERLength();
    BEROutputStream out =
        new BEROutputStream(ByteBuffer.allocate(length + BER.getBERLengthOfLength(length) + 1));
    BER.encodeHeader(out, BER.SEQUENCE, length);
    version.encodeBER(out);
    name.encodeBER(out);
    response.encodeBER(out);
    send(out.getBuffer().array(), to);
  }

  void send(byte[] bytes, SocketAddress to) throws IOException {
    socket.send(new DatagramPacket(bytes, bytes.length, to));
  }

  private void serve() {
    byte[] buffer = new byte[65_535];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
        PDU request = request(Arrays.copyOf(buffer, packet.getLength()));
        if (request != null) {
          requests.incrementAndGet();
          manner.onRequest(request, new InetSocketAddress(packet.getAddress(), packet.getPort()));
        }
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Null when the community is another one: an agent is silent then. */
  private static PDU request(byte[] message) throws IOException {
    BERInputStream in = new BERInputStream(ByteBuffer.wrap(message));
    BER.decodeHeader(in, new BER.MutableByte());
    new Integer32().decodeBER(in);
    OctetString community = new OctetString();
    community.decodeBER(in);
    PDU request = new PDU();
    request.decodeBER(in);
    byte[] expected = COMMUNITY.getBytes(StandardCharsets.UTF_8);
    return Arrays.equals(community.getValue(), expected) ? request : null;
  }

  @Override
  public void close() {
    socket.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
