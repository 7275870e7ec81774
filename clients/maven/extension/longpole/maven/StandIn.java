package longpole.maven;

import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Lets Surefire start one JVM for each of its executions, the one in LONGPOLE_MAVEN_JVM, whatever a pom.xml says. */
public final class StandIn extends AbstractMavenLifecycleParticipant {
    private static final String SUREFIRE = "org.apache.maven.plugins:maven-surefire-plugin";
    private static final String[] GONE = {"jdkToolchain", "forkMode", "jvm", "forkCount", "reuseForks"};

    @Override
    public void afterProjectsRead(MavenSession session) {
        String jvm = System.getenv("LONGPOLE_MAVEN_JVM");
        for (MavenProject project : session.getProjects()) {
            Plugin plugin = jvm == null ? null : project.getPlugin(SUREFIRE);
            if (plugin == null) {
                continue;
            }
            plugin.setConfiguration(configured(plugin.getConfiguration(), jvm));
            for (PluginExecution execution : plugin.getExecutions()) {
                execution.setConfiguration(configured(execution.getConfiguration(), jvm));
            }
        }
    }

    private static Xpp3Dom configured(Object before, String jvm) {
        Xpp3Dom found = before == null ? new Xpp3Dom("configuration") : new Xpp3Dom((Xpp3Dom) before);
        for (int at = found.getChildCount() - 1; at >= 0; at--) {
            for (String name : GONE) {
                if (found.getChild(at).getName().equals(name)) {
                    found.removeChild(at);
                    break;
                }
            }
        }
        add(found, "jvm", jvm);
        add(found, "forkCount", "1");
        add(found, "reuseForks", "true");
        return found;
    }

    private static void add(Xpp3Dom parent, String name, String value) {
        Xpp3Dom child = new Xpp3Dom(name);
        child.setValue(value);
        parent.addChild(child);
    }
}
