package io.sonde.snmp;

import io.sonde.polling.PollException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.snmp4j.PDU;
import org.snmp4j.Target;
import org.snmp4j.event.ResponseEvent;
import org.snmp4j.event.ResponseListener;
import org.snmp4j.mp.SnmpConstants;
import org.snmp4j.smi.Address;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.UdpAddress;
import org.snmp4j.smi.Variable;
import org.snmp4j.smi.VariableBinding;

/** One poll's questions to an agent: one at a time, until its time is over or the agent refuses. */
final class SnmpExchange {
  private static final Map<OID, String> REPORTS =
      Map.of(
          SnmpConstants.usmStatsUnsupportedSecLevels, "security level not supported",
          SnmpConstants.usmStatsNotInTimeWindows, "not in its time window",
          SnmpConstants.usmStatsUnknownUserNames, "unknown user",
          SnmpConstants.usmStatsUnknownEngineIDs, "unknown engine",
          SnmpConstants.usmStatsWrongDigests, "wrong authentication protocol or password",
          SnmpConstants.usmStatsDecryptionErrors, "wrong privacy protocol or password",
          SnmpConstants.snmpUnavailableContexts, "context not available",
          SnmpConstants.snmpUnknownContexts, "unknown context");

  private final SnmpSession session;
  private final SnmpCredentials credentials;
  private final UdpAddress address;
  private final Duration within;
  private final String silence;
  private final AtomicReference<Question> asked = new AtomicReference<>();
  private final AtomicReference<PollException> closed = new AtomicReference<>();

  /**
   * @param within the time from now on after which it is closed
   * @param deadline the time that the poll has, as it is said when there is no answer
   */
  SnmpExchange(
      SnmpSession session,
      SnmpCredentials credentials,
      UdpAddress address,
      Duration within,
      Duration deadline) {
    this.session = session;
    this.credentials = credentials;
    this.address = address;
    this.within = within;
    this.silence = silence(deadline);
    CompletableFuture.delayedExecutor(
            Math.max(1, within.toMillis()), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(() -> close(silence));
  }

  /** What is said of an agent that did not answer in time. */
  static String silence(Duration deadline) {
    return "no answer within " + deadline.toMillis() + " ms";
  }

  /** Single variables; those that the agent has not are missing. */
  CompletionStage<Map<OID, Variable>> get(List<OID> variables) {
    return ask(PDU.GET, variables, 0)
        .thenApply(
            answer -> {
              requireNoError(answer);
              Map<OID, Variable> values = new HashMap<>();
              for (VariableBinding binding : answer.getVariableBindings()) {
                if (!binding.isException() && variables.contains(binding.getOid())) {
                  values.put(binding.getOid(), binding.getVariable());
                }
              }
              return values;
            });
  }

  /** What follows these variables; the answer may tell of an error. */
  CompletionStage<PDU> getBulk(List<OID> variables, int repetitions) {
    return ask(PDU.GETBULK, variables, repetitions);
  }

  /**
   * Fails where the agent answered with an error.
   *
   * @throws PollException that names it
   */
  static void requireNoError(PDU answer) {
    if (answer.getErrorStatus() != PDU.noError) {
      throw new PollException("the agent answers " + answer.getErrorStatusText());
    }
  }

  /** Withdraws what was asked; nothing can be asked any more. The first reason is kept. */
  private void close(String reason) {
    // In this order, as a question looks whether it is closed once it can be withdrawn.
    closed.compareAndSet(null, new PollException(reason));
    Question open = asked.getAndSet(null);
    if (open != null) {
      session.withdraw(open.pdu, open);
      session.forget(address);
      open.answer.completeExceptionally(closed.get());
    }
  }

  private CompletionStage<PDU> ask(int type, List<OID> variables, int repetitions) {
    PDU pdu = credentials.question();
    pdu.setType(type);
    variables.forEach(variable -> pdu.add(new VariableBinding(variable)));
    if (type == PDU.GETBULK) {
      pdu.setMaxRepetitions(repetitions);
    }
    Question question = new Question(pdu);
    asked.set(question);
    if (closed.get() != null) {
      close(silence);
      return question.answer;
    }
    Target<UdpAddress> target = credentials.target(address);
    try {
      session.send(pdu, target, within, question);
    } catch (IOException | RuntimeException e) {
      close("cannot be asked: " + PollException.reasonOf(e));
    }
    return question.answer;
  }

  /** A question that was sent. */
  private final class Question implements ResponseListener {
    private final PDU pdu;
    private final CompletableFuture<PDU> answer = new CompletableFuture<>();

    Question(PDU pdu) {
      this.pdu = pdu;
    }

    @Override
    public <A extends Address> void onResponse(ResponseEvent<A> event) {
      // Otherwise the library keeps the question for as long as it would have waited.
      session.withdraw(pdu, this);
      PDU response = event.getResponse();
      if (response == null) {
        close(
            event.getError() == null
                ? silence
                : "cannot be asked: " + PollException.reasonOf(event.getError()));
      } else if (response.getType() == PDU.REPORT) {
        close("the agent refuses: " + report(response));
      } else {
        asked.set(null);
        answer.complete(response);
      }
    }

    private static String report(PDU response) {
      OID oid = response.size() == 0 ? new OID() : response.get(0).getOid();
      return REPORTS.getOrDefault(oid, "report " + oid);
    }
  }
}
