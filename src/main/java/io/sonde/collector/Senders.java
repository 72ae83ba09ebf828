package io.sonde.collector;

import akka.actor.typed.ActorRef;
import io.sonde.collector.Collector.Add;
import io.sonde.collector.Collector.AddReply;
import io.sonde.model.Receipt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Who waits for an answer of a collector: parked until chunk rows were looked at, waiting for the
 * next commit, or in the commit that is under way. It stands outside the state: after a failed
 * write all are sent away and come again.
 */
final class Senders {
  private record Waiting(Receipt receipt, ActorRef<AddReply> replyTo) {}

  private List<Add> parked = new ArrayList<>();
  private long parkedWeight;
  private List<Waiting> waiting = new ArrayList<>();
  private List<Waiting> committing = List.of();

  /** What is parked, in samples: see {@link io.sonde.model.SampleBatch#weight}. */
  long parkedWeight() {
    return parkedWeight;
  }

  /** What is parked now. */
  List<Add> parked() {
    return List.copyOf(parked);
  }

  void park(Add add) {
    parked.add(add);
    parkedWeight += add.batch().weight();
  }

  /** Takes those out that are parked still; the others were sent away meanwhile. */
  List<Add> unpark(Collection<Add> batches) {
    List<Add> taken = batches.stream().filter(parked::contains).toList();
    parked.removeAll(taken);
    taken.forEach(add -> parkedWeight -= add.batch().weight());
    return taken;
  }

  /** Adds one who waits for the next commit, and says whether it is the first. */
  boolean await(Receipt receipt, ActorRef<AddReply> replyTo) {
    waiting.add(new Waiting(receipt, replyTo));
    return waiting.size() == 1;
  }

  boolean isAnyWaiting() {
    return !waiting.isEmpty();
  }

  /** The commit begins. */
  void commit() {
    committing = waiting;
    waiting = new ArrayList<>();
  }

  /** The commit is durable. */
  void committed() {
    committing.forEach(one -> one.replyTo().tell(new Collector.Added(one.receipt())));
    committing = List.of();
  }

  /** Sends all away, and says whether any of them was in a commit. */
  boolean refuse(String reason) {
    Collector.Refused refused = new Collector.Refused(reason);
    boolean wasCommitting = !committing.isEmpty();
    committing.forEach(one -> one.replyTo().tell(refused));
    waiting.forEach(one -> one.replyTo().tell(refused));
    parked.forEach(add -> add.replyTo().tell(refused));
    committing = List.of();
    waiting = new ArrayList<>();
    parked = new ArrayList<>();
    parkedWeight = 0;
    return wasCommitting;
  }
}
