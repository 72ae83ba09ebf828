package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MetadataTextsTest {
  private static final int LENGTH = 60_000;

  private final Map<UUID, Metadata> stored = new HashMap<>();
  private final MetadataTexts texts = new MetadataTexts(null, Runnable::run);
  private int most;
  private int asked;

  @Test
  void oneAnswerHoldsABoundedAmountOfText() {
    int fitting = (int) (TextBudget.MOST / (LENGTH + 20));
    Set<UUID> ids = store(fitting);
    assertThat(texts.find(ids, this::look)).containsAllEntriesOf(stored);

    ids.addAll(store(20));
    assertThatThrownBy(() -> texts.find(ids, this::look))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContaining("more than 64 MB of text in memory");
    assertThat(most).isLessThanOrEqualTo(1_000);
  }

  @Test
  void whatWasFoundLatelyIsNotLookedUpAgain() {
    Set<UUID> few = store(10);
    texts.find(few, this::look);
    assertThat(texts.find(few, this::look)).containsAllEntriesOf(stored);
    assertThat(asked).isEqualTo(10);

    // More than is remembered.
    texts.find(store(300), this::look);
    texts.find(few, this::look);
    assertThat(asked).isEqualTo(10 + 300 + 10);
  }

  private Set<UUID> store(int count) {
    Set<UUID> ids = new HashSet<>();
    for (int i = 0; i < count; i++) {
      Metadata text = Metadata.of(Map.of("x", stored.size() + "y".repeat(LENGTH)));
      stored.put(text.id(), text);
      ids.add(text.id());
    }
    return ids;
  }

  private Map<UUID, Metadata> look(Set<UUID> ids) {
    most = Math.max(most, ids.size());
    asked += ids.size();
    Map<UUID, Metadata> found = new HashMap<>(stored);
    found.keySet().retainAll(ids);
    return found;
  }
}
