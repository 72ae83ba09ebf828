package io.sonde.snmp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.snmp4j.MessageDispatcherImpl;
import org.snmp4j.PDU;
import org.snmp4j.SNMP4JSettings;
import org.snmp4j.Snmp;
import org.snmp4j.Target;
import org.snmp4j.TimeoutModel;
import org.snmp4j.event.ResponseListener;
import org.snmp4j.mp.CounterSupport;
import org.snmp4j.mp.MPv2c;
import org.snmp4j.mp.MPv3;
import org.snmp4j.mp.MessageProcessingModel;
import org.snmp4j.security.SecurityModel;
import org.snmp4j.security.SecurityModels;
import org.snmp4j.security.SecurityProtocols;
import org.snmp4j.security.USM;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.UdpAddress;
import org.snmp4j.transport.DefaultUdpTransportMapping;

/**
 * A socket and two threads, one that receives and one that sends again, for any number of agents.
 * Users of version 3 have one each: the library knows a user by its name alone, and two may have
 * the same.
 */
final class SnmpSession implements AutoCloseable {
  /** Thousands of agents may answer at once. */
  private static final int RECEIVE_BUFFER = 4 << 20;

  /**
   * How often a question is sent within the time that there is for a poll. Each wait is twice as
   * long as the one before: a lost datagram costs little, and a slow agent is not overwhelmed.
   */
  private static final int ATTEMPTS = 4;

  private static final int SUM_OF_WAITS = (1 << ATTEMPTS) - 1;

  static {
    // An agent that cannot verify a message says so without a signature. Taken for true, a wrong
    // password has a reason; a forged one makes a poll fail, which silence would do as well.
    SNMP4JSettings.setReportSecurityLevelStrategy(
        SNMP4JSettings.ReportSecurityLevelStrategy.noAuthNoPrivIfNeeded);
  }

  private final Snmp snmp;
  private final USM usm;
  private final MPv3 engines;
  private final OctetString userName;

  private SnmpSession(MessageProcessingModel model, USM usm, OctetString userName)
      throws IOException {
    MessageDispatcherImpl dispatcher = new MessageDispatcherImpl();
    dispatcher.addMessageProcessingModel(model);
    DefaultUdpTransportMapping transport = new DefaultUdpTransportMapping();
    transport.setReceiveBufferSize(RECEIVE_BUFFER);
    this.snmp = new Snmp(dispatcher, transport);
    snmp.setTimeoutModel(new DoublingWaits());
    this.usm = usm;
    this.engines = usm == null ? null : (MPv3) model;
    this.userName = userName;
    snmp.listen();
  }

  /** For all communities. */
  static SnmpSession ofCommunities() throws IOException {
    return new SnmpSession(new MPv2c(), null, null);
  }

  /** For a user. */
  static SnmpSession of(SnmpCredentials.User user) throws IOException {
    SecurityProtocols protocols =
        new SecurityProtocols(SecurityProtocols.SecurityProtocolSet.maxCompatibility);
    byte[] engine = MPv3.createLocalEngineID(new OctetString(uniqueName()));
    USM usm = new USM(protocols, new OctetString(engine), 0);
    usm.addUser(user.user());
    SecurityModels models = SecurityModels.getCollection(new SecurityModel[] {usm});
    MPv3 model = new MPv3(engine, null, protocols, models, CounterSupport.getInstance());
    return new SnmpSession(model, usm, user.user().getSecurityName());
  }

  private static byte[] uniqueName() {
    String digits = UUID.randomUUID().toString().replace("-", "").substring(0, 20);
    return digits.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Asks, and asks again while there is no answer.
   *
   * @param within the time that the whole poll has
   * @param listener called once, unless the question is withdrawn
   */
  void send(PDU question, Target<UdpAddress> agent, Duration within, ResponseListener listener)
      throws IOException {
    agent.setTimeout(Math.max(1, within.toMillis() / SUM_OF_WAITS));
    agent.setRetries(ATTEMPTS - 1);
    snmp.send(question, agent, null, listener);
  }

  /** An answer is not wanted any more. */
  void withdraw(PDU question, ResponseListener listener) {
    snmp.cancel(question, listener);
  }

  /**
   * The agent is to be got to know anew. What is remembered of an engine that was started or set up
   * anew can make all that it says look like a repetition of old messages, for ever.
   */
  void forget(UdpAddress agent) {
    if (engines != null) {
      OctetString engine = engines.removeEngineID(agent);
      if (engine != null) {
        usm.removeEngineTime(engine);
        usm.removeAllUsers(userName, engine);
      }
    }
  }

  @Override
  public void close() {
    try {
      snmp.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class DoublingWaits implements TimeoutModel {
    @Override
    public long getRetryTimeout(int attempt, int retries, long first) {
      return first << attempt;
    }

    @Override
    public long getRequestTimeout(int retries, long first) {
      return first * ((2L << retries) - 1);
    }
  }
}
