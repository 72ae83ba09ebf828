package io.sonde;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.sonde.model.ConfigSection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rooms of the house and what may be used in which; docs/architecture.md shows them. */
class RoomsTest {
  /** From the ground up: a room uses itself and the rooms before it. A room may be missing. */
  private static final List<String> ROOMS =
      List.of(
          "model",
          "series",
          "store",
          "cluster",
          "collector",
          "publish",
          "expression",
          "pipeline",
          "jsonpath",
          "definition",
          "notification",
          "polling",
          "host",
          "exporter",
          "snmp",
          "libvirt",
          "openstack",
          "dynamic",
          "ceilometer",
          "query",
          "audit",
          "http",
          "server");

  private static final String ROOT = "io.sonde.";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.sonde");

  @Test
  void everyClassStandsInARoom() {
    classes()
        .should()
        .resideInAnyPackage(ROOMS.stream().map(room -> ROOT + room).toArray(String[]::new))
        .because("there are no other rooms, and none has rooms inside")
        .check(MAIN);
  }

  @Test
  void aRoomUsesOnlyRoomsBelowIt() {
    classes().should(useOnlyRoomsBelow()).check(MAIN);
  }

  @Test
  void noRoomsUseEachOtherInACircle() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void theModelNeedsNoFramework() {
    classes()
        .that()
        .resideInAPackage(ROOT + "model")
        .and()
        .doNotBelongToAnyOf(ConfigSection.class)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "model", "java.lang..", "java.math", "java.util..", "java.nio..", JDK_HASHES)
        .check(MAIN);
    classes()
        .that()
        .belongToAnyOf(ConfigSection.class)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + "model", "java..", "com.typesafe.config")
        .check(MAIN);
  }

  private static final String JDK_HASHES = "java.security";

  @Test
  void seriesAreJdkAndModelOnly() {
    classes()
        .that()
        .resideInAPackage(ROOT + "series")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "series",
            ROOT + "model",
            "java.lang..",
            "java.math",
            "java.util..",
            "java.nio..")
        .check(MAIN);
  }

  @Test
  void onlyTheStoreSpeaksSql() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "store")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.sql..",
            "javax.sql..",
            "org.postgresql..",
            "com.zaxxer..",
            "org.flywaydb..",
            "slick..")
        .check(MAIN);
  }

  /** Reading by tag passes over events that commit late. */
  @Test
  void journalsAreReadBySequenceNumbersOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("akka.persistence.query..", "akka.persistence.jdbc.query..")
        .check(MAIN);
  }

  @Test
  void theStoreKnowsNoActors() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "store")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("akka..")
        .check(MAIN);
  }

  @Test
  void onlyTheDoorsSpeakHttp() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "http")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("akka.http..")
        .check(MAIN);
  }

  private static ArchCondition<JavaClass> useOnlyRoomsBelow() {
    return new ArchCondition<>("use only rooms below their own") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          JavaClass used = dependency.getTargetClass();
          boolean isOurs = used.getPackageName().startsWith(ROOT);
          if (isOurs && floor(used) > floor(user)) {
            events.add(SimpleConditionEvent.violated(user, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static int floor(JavaClass inRoom) {
    return ROOMS.indexOf(inRoom.getPackageName().substring(ROOT.length()));
  }
}
