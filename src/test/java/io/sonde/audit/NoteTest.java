package io.sonde.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and the note are those in the documentation of Go's golang.org/x/mod/sumdb/note. */
class NoteTest {
  private static final String SIGNING =
      "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  private static final String VERIFYING =
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  private static final String TEXT =
      """
      If you think cryptography is the answer to your problem,
      then you don't know what your problem is.
      """;
  private static final String LINE =
      "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  private static final String SIGNED = TEXT + "\n" + LINE;

  @Test
  void aKeyIsReadAndWritten() throws NoteException {
    SigningKey key = SigningKey.parse(SIGNING);
    assertEquals(SIGNING, key.secretText());
    assertEquals(VERIFYING, key.verifier().toString());
    assertEquals(VERIFYING, VerifierKey.parse(VERIFYING).toString());
    assertEquals(0xc74f20a3, key.verifier().keyHash());
    assertFalse(key.toString().contains("AYEK"), "shows the secret");
  }

  @Test
  void aTextIsSignedAsOthersSignIt() throws NoteException {
    assertEquals(SIGNED, SigningKey.parse(SIGNING).sign(TEXT).toString());
  }

  @Test
  void aNoteIsReadAndVerified() throws NoteException {
    Note note = Note.parse(SIGNED);
    assertEquals(TEXT, note.text());
    assertEquals(SIGNED, note.toString());
    note.verify(VerifierKey.parse(VERIFYING));
  }

  @Test
  void signaturesOfOthersDoNotMatter() throws NoteException {
    SigningKey other = SigningKey.generate("other");
    SigningKey namesake = SigningKey.generate("PeterNeumann");
    Note own = Note.parse(SIGNED);
    Note all =
        new Note(
            TEXT,
            List.of(
                other.sign(TEXT).signatures().get(0),
                namesake.sign(TEXT).signatures().get(0),
                own.signatures().get(0)));
    Note read = Note.parse(all.toString());
    read.verify(VerifierKey.parse(VERIFYING));
    read.verify(other.verifier());
    read.verify(namesake.verifier());
    NoteException unsigned =
        assertThrows(NoteException.class, () -> own.verify(namesake.verifier()));
    assertTrue(unsigned.getMessage().contains("not signed by " + namesake.verifier()));
  }

  @Test
  void anotherTextOrSignatureIsRefused() throws NoteException {
    VerifierKey key = VerifierKey.parse(VERIFYING);
    for (String forged :
        List.of(SIGNED.replace("answer", "cause"), SIGNED.replace("ZJku", "ZJkv"))) {
      Note note = Note.parse(forged);
      NoteException refused = assertThrows(NoteException.class, () -> note.verify(key));
      assertEquals("the signature of PeterNeumann does not hold", refused.getMessage());
    }
    Note cut = Note.parse(TEXT + "\n\u2014 PeterNeumann x08go/ZJkuA=\n");
    assertThrows(NoteException.class, () -> cut.verify(key));
  }

  @Test
  void aTextMayHaveBlankLines() throws NoteException {
    SigningKey key = SigningKey.parse(SIGNING);
    String text = "one\n\n\u2014 two x08g\n";
    Note note = Note.parse(key.sign(text).toString());
    assertEquals(text, note.text());
    note.verify(key.verifier());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no signatures\n",
        "no end\n\n\u2014 PeterNeumann x08go/ZJku",
        "no name\n\n\u2014 x08go/ZJkuA=\n",
        "no dash\n\nPeterNeumann x08go/ZJkuA=\n",
        "no base64\n\n\u2014 PeterNeumann x08go/ZJ!uA=\n",
        "no signature\n\n\u2014 PeterNeumann x08gow==\n",
        "too much\n\n\u2014 PeterNeumann x08go/ZJkuA= more\n",
        "returns\r\n\n\u2014 PeterNeumann x08go/ZJkuA=\n",
      })
  void whatIsNoNoteIsRefused(String text) {
    assertThrows(NoteException.class, () -> Note.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq",
        "PeterNeumann+c74f20a3+AR?c",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      })
  void whatIsNoKeyIsRefused(String key) {
    assertThrows(NoteException.class, () -> VerifierKey.parse(key));
    assertThrows(NoteException.class, () -> SigningKey.parse("PRIVATE+KEY+" + key));
  }

  @Test
  void aKeyFileHasOneKey(@TempDir Path directory) throws Exception {
    SigningKey made = SigningKey.generate("sonde.example");
    Path file = Files.writeString(directory.resolve("key"), made.secretText() + "\n");
    SigningKey read = SigningKey.read(file);
    assertEquals(made.verifier().toString(), read.verifier().toString());
    read.sign("text\n").verify(VerifierKey.parse(made.verifier().toString()));
    Files.writeString(file, made.secretText().replace("sonde", "other"));
    NoteException refused = assertThrows(NoteException.class, () -> SigningKey.read(file));
    assertTrue(refused.getMessage().startsWith("the key file " + file), refused.getMessage());
    assertFalse(refused.getMessage().contains(made.secretText().substring(40)));
    Path none = directory.resolve("none");
    assertThrows(NoteException.class, () -> SigningKey.read(none));
  }
}
