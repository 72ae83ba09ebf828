package io.sonde.publish;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.SocketConfigurators;
import java.io.IOException;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/** A connection to a broker, and the socket under it, whose end nothing can hold up. */
public final class AmqpConnection {
  private static final int PRECONDITION_FAILED = 406;
  private static final int HEARTBEAT_SECONDS = 10;

  private final Connection connection;
  private final Socket socket;

  private AmqpConnection(Connection connection, Socket socket) {
    this.connection = connection;
    this.socket = socket;
  }

  /** A step that a channel takes. */
  @FunctionalInterface
  public interface Step {
    void with(Channel channel) throws IOException;
  }

  /**
   * Makes connections to the broker of a URL that end on their own when something is wrong, and are
   * not mended: whoever uses one has to begin anew.
   *
   * @param timeout for each step of setting one up, and for each answer
   */
  public static ConnectionFactory factory(PublisherUrl url, boolean isEncrypted, Duration timeout) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(url.host());
    factory.setPort(url.port(isEncrypted ? 5671 : 5672));
    String path = url.path();
    factory.setVirtualHost(path.length() > 1 ? decoded(url, path.substring(1)) : "/");
    if (url.userInfo() != null) {
      String[] user = url.userInfo().split(":", 2);
      factory.setUsername(decoded(url, user[0]));
      factory.setPassword(user.length > 1 ? decoded(url, user[1]) : "");
    }
    factory.setAutomaticRecoveryEnabled(false);
    factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
    int millis = (int) timeout.toMillis();
    factory.setConnectionTimeout(millis);
    factory.setHandshakeTimeout(millis);
    factory.setChannelRpcTimeout(millis);
    if (isEncrypted) {
      try {
        factory.useSslProtocol(SSLContext.getDefault());
        factory.enableHostnameVerification();
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Java's default trust cannot be set up", e);
      }
    }
    return factory;
  }

  private static String decoded(PublisherUrl url, String part) {
    try {
      return PercentCode.decode(part);
    } catch (IllegalArgumentException e) {
      throw url.error("a URL that is percent-encoded");
    }
  }

  /**
   * Connects; changes the factory.
   *
   * @param name shown by the broker
   */
  public static AmqpConnection open(ConnectionFactory factory, String name) throws IOException {
    Socket[] socket = new Socket[1];
    factory.setSocketConfigurator(
        SocketConfigurators.defaultConfigurator().andThen(opened -> socket[0] = opened));
    try {
      return new AmqpConnection(factory.newConnection(name), socket[0]);
    } catch (TimeoutException e) {
      throw new IOException("the broker did not greet in time", e);
    }
  }

  /** Whether it has not ended. */
  public boolean isOpen() {
    return connection.isOpen();
  }

  /** Another channel. */
  public Channel channel() throws IOException {
    Channel channel = connection.createChannel();
    if (channel == null) {
      throw new IOException("the broker allows no more channels");
    }
    return channel;
  }

  /** Declares something; what is there already with other properties is taken as it is. */
  public void declare(Step step) throws IOException {
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
  public void cut() {
    try {
      socket.close();
    } catch (IOException ignored) {
      // It is as closed as it can be.
    }
  }

  /** Ends it in order, unless that takes longer than this. */
  public void close(Duration timeout) {
    connection.abort((int) timeout.toMillis());
  }
}
