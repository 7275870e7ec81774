package longpole.junit;

import java.util.Optional;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * A test or container with all that it is in, up to the engine, whose parent is null.
 *
 * @param reported its name in JUnit's reports: `com.example.FooTest$Empty`, `adds(int)`, `adds(int)[2]`
 * @param className its class; null if it is none
 */
record Node(String reported, String className, Node parent) {
    static Node of(TestIdentifier test, TestPlan plan) {
        Node parent = plan.getParent(test).map(each -> of(each, plan)).orElse(null);
        return new Node(test.getLegacyReportingName(), classOf(test.getSource()), parent);
    }

    static Node of(TestDescriptor test) {
        Node parent = test.getParent().map(Node::of).orElse(null);
        return new Node(test.getLegacyReportingName(), classOf(test.getSource()), parent);
    }

    private static String classOf(Optional<TestSource> source) {
        return source.orElse(null) instanceof ClassSource its ? its.getClassName() : null;
    }

    boolean isEngine() {
        return parent == null;
    }

    /** Whether it is right below its engine: mostly a top-level class. */
    boolean isTop() {
        return parent != null && parent.isEngine();
    }

    /** The suite that it belongs to: the class right below the engine. */
    String suite() {
        return !isTop() ? parent.suite() : className != null ? className : reported;
    }

    /**
     * Its name in the suite: `adds(int)[2]`; after those of nested classes, with dots, and before the number of the
     * arguments if a class has some: `Empty.adds(int)[2][1]`.
     */
    String inSuite() {
        String name = isTop() ? reported : own();
        for (Node up = parent; !isTop() && !up.isTop(); up = up.parent) {
            if (up.className != null && up.own().startsWith("[")) {
                name += up.own();
            } else if (up.className != null || !reported.startsWith(up.reported) && !reported.endsWith(up.reported)) {
                name = up.own() + "." + name; // A test that a method made already has the name of the method.
            }
        }
        return name;
    }

    private String own() {
        if (className == null) {
            return reported;
        }
        String above = parent.reported;
        int from = reported.startsWith(above) ? above.length()
                : Math.max(reported.lastIndexOf('$'), reported.lastIndexOf('.')) + 1;
        return reported.substring(from).replaceFirst("^[.$]", "");
    }
}
