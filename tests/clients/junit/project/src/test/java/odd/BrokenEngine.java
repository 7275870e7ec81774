package odd;

import org.junit.platform.engine.DiscoveryIssue;
import org.junit.platform.engine.EngineDiscoveryRequest;
import org.junit.platform.engine.ExecutionRequest;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.EngineDescriptor;

/** An engine that does not work, where `-Dbroken=` says so. */
public final class BrokenEngine implements TestEngine {
    private static final String BROKEN = System.getProperty("broken", "");

    @Override
    public String getId() {
        return "broken";
    }

    @Override
    public TestDescriptor discover(EngineDiscoveryRequest request, UniqueId id) {
        if (BROKEN.equals("discover")) {
            throw new IllegalStateException("cannot discover");
        }
        if (BROKEN.equals("issue")) {
            DiscoveryIssue issue = DiscoveryIssue.create(DiscoveryIssue.Severity.ERROR, "cannot issue");
            request.getDiscoveryListener().issueEncountered(id, issue);
        }
        return new EngineDescriptor(id, "Broken");
    }

    @Override
    public void execute(ExecutionRequest request) {
        if (BROKEN.equals("execute")) {
            throw new IllegalStateException("cannot execute");
        }
    }
}
