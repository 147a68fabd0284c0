import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/**
 * One node of OpenSearch, for tests: its settings are the arguments, each key=value.
 *
 * The program that the distribution starts refuses to run as root and wants a directory of modules;
 * a node that is embedded wants neither.
 */
public final class ClusterNode extends Node {
    private static final String TRANSPORT = "org.opensearch.transport.Netty4ModulePlugin";

    private ClusterNode(Environment environment, Collection<PluginInfo> plugins) {
        super(environment, plugins, true);
    }

    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        Path config = Path.of(settings.get("path.home"), "config");
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), config, () -> settings.get("node.name"));
        PluginInfo http = new PluginInfo(
            TRANSPORT, "HTTP and transport", "NA", Version.CURRENT, "21", TRANSPORT, null, List.of(), false);
        Node node = new ClusterNode(environment, List.of(http)).start();
        if (Boolean.getBoolean("ends.with.its.parent")) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (System.in.read() >= 0) { }
                } catch (java.io.IOException error) {
                    error.printStackTrace();
                }
                Runtime.getRuntime().halt(0);
            });
        }
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (java.io.IOException error) {
                error.printStackTrace();
            }
            closed.countDown();
        }));
        closed.await();
    }
}
