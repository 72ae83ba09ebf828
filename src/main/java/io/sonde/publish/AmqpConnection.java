package io.sonde.publish;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.SocketConfigurators;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** A connection to a broker, and the socket under it, whose end nothing can hold up. */
final class AmqpConnection {
  private static final int PRECONDITION_FAILED = 406;

  private final Connection connection;
  private final Socket socket;

  private AmqpConnection(Connection connection, Socket socket) {
    this.connection = connection;
    this.socket = socket;
  }

  /** A step that a channel takes. */
  interface Step {
    void with(Channel channel) throws IOException;
  }

  /** Connects; changes the factory. */
  static AmqpConnection open(ConnectionFactory factory) throws IOException {
    Socket[] socket = new Socket[1];
    factory.setSocketConfigurator(
        SocketConfigurators.defaultConfigurator().andThen(opened -> socket[0] = opened));
    try {
      return new AmqpConnection(factory.newConnection("sonde publisher"), socket[0]);
    } catch (TimeoutException e) {
      throw new IOException("the broker did not greet in time", e);
    }
  }

  boolean isOpen() {
    return connection.isOpen();
  }

  Channel channel() throws IOException {
    Channel channel = connection.createChannel();
    if (channel == null) {
      throw new IOException("the broker allows no more channels");
    }
    return channel;
  }

  /** Declares something; what is there already with other properties is taken as it is. */
  void declare(Step step) throws IOException {
    Channel channel = channel();
    try {
      step.with(channel);
    } catch (IOException e) {
      if (!isThereOtherwise(e)) {
        throw e;
      }
    } finally {
      channel.abort();
    }
  }

  private static boolean isThereOtherwise(IOException failure) {
    return failure.getCause() instanceof ShutdownSignalException signal
        && signal.getReason() instanceof AMQP.Channel.Close close
        && close.getReplyCode() == PRECONDITION_FAILED;
  }

  /** Ends it whatever it is doing: a write to a broker that does not read ends too. */
  void cut() {
    try {
      socket.close();
    } catch (IOException ignored) {
      // It is as closed as it can be.
    }
  }

  void close(Duration timeout) {
    connection.abort((int) timeout.toMillis());
  }
}
