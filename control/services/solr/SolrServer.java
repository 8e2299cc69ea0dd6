import org.apache.solr.embedded.JettyConfig;
import org.apache.solr.embedded.JettySolrRunner;

/** Solr without Docker: runs one home folder on one loopback port. */
public class SolrServer {
  public static void main(String[] arguments) throws Exception {
    String home = arguments[0];
    int port = Integer.parseInt(arguments[1]);
    JettyConfig configuration = JettyConfig.builder().setPort(port).setContext("/solr").stopAtShutdown(true).build();
    JettySolrRunner runner = new JettySolrRunner(home, configuration);
    runner.start();
    System.out.println("Solr listens on " + runner.getBaseUrl());
    Thread.currentThread().join();
  }
}
