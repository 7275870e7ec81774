package odd;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs tests of its own, which are no tests of the fork. */
class LauncherTest {
    @Test
    void launches() {
        LauncherFactory.create().execute(
                LauncherDiscoveryRequestBuilder.request().selectors(selectClass(Inside.class)).build());
    }

    static class Inside {
        @Test
        void fails() {
            System.out.println("inside");
            throw new IllegalStateException("of nobody's interest");
        }
    }
}
