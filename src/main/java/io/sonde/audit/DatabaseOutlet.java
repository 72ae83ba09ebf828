package io.sonde.audit;

import io.sonde.store.CheckpointMirror;
import io.sonde.store.DatabaseException;
import java.io.IOException;
import java.util.Optional;

/** A table in another database. */
record DatabaseOutlet(String name, CheckpointMirror mirror) implements Outlet {
  @Override
  public boolean isReadable() {
    return true;
  }

  @Override
  public Optional<Checkpoint> last(String origin) throws IOException {
    try {
      Optional<String> note = mirror.last(origin);
      return note.isEmpty()
          ? Optional.empty()
          : Optional.of(Checkpoint.parse(note.get()).checkpoint());
    } catch (DatabaseException | NoteException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void take(Checkpoint.Noted noted) throws IOException {
    Checkpoint checkpoint = noted.checkpoint();
    try {
      mirror.add(
          checkpoint.origin(), checkpoint.size(), checkpoint.root(), noted.note().toString());
    } catch (DatabaseException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
