package io.sonde.snmp;

import io.sonde.polling.PollException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.snmp4j.PDU;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.Variable;
import org.snmp4j.smi.VariableBinding;

/**
 * Some columns of an agent's table, read side by side with GETBULK until each has ended. A column
 * that goes backwards has ended, too: some agents begin anew instead of coming to an end.
 */
final class SnmpTable {
  /** More than any device has; an agent that invents rows without end is not followed further. */
  static final int MOST_ROWS = 20_000;

  /** With names of a usual length an answer then fits into one packet of Ethernet. */
  private static final int VARIABLES_PER_ANSWER = 50;

  /**
   * A row.
   *
   * @param index what comes after the column's identifier
   * @param cells in the order of the columns asked for; null where the row has none
   */
  record Row(OID index, List<Variable> cells) {
    Variable cell(int column) {
      return cells.get(column);
    }
  }

  private final SnmpExchange agent;
  private final List<OID> columns;
  private final OID[] read;
  private final boolean[] ended;
  private final TreeMap<OID, Variable[]> rows = new TreeMap<>();
  private final CompletableFuture<List<Row>> whole = new CompletableFuture<>();
  private List<Integer> open = List.of();
  private int perAnswer = VARIABLES_PER_ANSWER;

  private SnmpTable(SnmpExchange agent, List<OID> columns) {
    this.agent = agent;
    this.columns = columns;
    this.read = columns.toArray(OID[]::new);
    this.ended = new boolean[columns.size()];
  }

  /** All rows in the order of their indices; none where the agent has no such table. */
  static CompletionStage<List<Row>> read(SnmpExchange agent, List<OID> columns) {
    SnmpTable table = new SnmpTable(agent, columns);
    table.ask();
    return table.whole;
  }

  private void ask() {
    List<Integer> left = new ArrayList<>();
    for (int column = 0; column < ended.length; column++) {
      if (!ended[column]) {
        left.add(column);
      }
    }
    open = left;
    if (open.isEmpty()) {
      whole.complete(rows());
      return;
    }
    List<OID> after = open.stream().map(column -> read[column]).toList();
    agent
        .getBulk(after, Math.max(1, perAnswer / open.size()))
        .whenComplete(
            (answer, failure) -> {
              try {
                take(answer, failure);
                ask();
              } catch (RuntimeException e) {
                whole.completeExceptionally(e);
              }
            });
  }

  private void take(PDU answer, Throwable failure) {
    if (failure != null) {
      throw new PollException(PollException.reasonOf(failure));
    }
    if (answer.getErrorStatus() == PDU.tooBig && perAnswer > 1) {
      perAnswer /= 2;
      return;
    }
    SnmpExchange.requireNoError(answer);
    if (answer.size() == 0) {
      throw new PollException("the agent's answer is empty");
    }
    for (int i = 0; i < answer.size(); i++) {
      take(open.get(i % open.size()), answer.get(i));
    }
    if (rows.size() > MOST_ROWS) {
      throw new PollException("a table of more than " + MOST_ROWS + " rows");
    }
  }

  private void take(int column, VariableBinding binding) {
    OID oid = binding.getOid();
    if (ended[column]) {
      return;
    }
    if (binding.isException()
        || !oid.startsWith(columns.get(column))
        || oid.compareTo(read[column]) <= 0) {
      ended[column] = true;
      return;
    }
    read[column] = oid;
    int start = columns.get(column).size();
    OID index = new OID(oid.getValue(), start, oid.size() - start);
    rows.computeIfAbsent(index, absent -> new Variable[columns.size()])[column] =
        binding.getVariable();
  }

  private List<Row> rows() {
    Collection<Row> all = new ArrayList<>(rows.size());
    rows.forEach((index, cells) -> all.add(new Row(index, Arrays.asList(cells))));
    return List.copyOf(all);
  }
}
