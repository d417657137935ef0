package dev.guardrail.server.console;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/// A real browser for tests of pages: the system's Chromium. Where there is none, tests that need one are skipped, but
/// not where everything has to be tested (`CI=true`).
public final class Browser implements AutoCloseable {
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"), Path.of("/usr/bin/google-chrome"));

    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private static final String AXE = read("/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js");

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser browser;

    private Browser(Path program) {
        this.playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        this.browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(program)
                        .setArgs(ARGUMENTS));
    }

    public static Browser start() {
        var program = PLACES.stream().filter(Files::isExecutable).findFirst();
        if (program.isEmpty() && "true".equals(System.getenv("CI")))
            throw new IllegalStateException(
                    "no Chromium here, and CI=true: install it, on Debian with apt-get install chromium");
        Assumptions.assumeTrue(
                program.isPresent(), "no Chromium here, so no page is tested; on Debian: apt-get install chromium");
        return new Browser(program.get());
    }

    /// A browser's profile of its own, as somebody has it.
    public Person person() {
        return person(new com.microsoft.playwright.Browser.NewContextOptions().setViewportSize(1280, 900));
    }

    public Person person(com.microsoft.playwright.Browser.NewContextOptions options) {
        return new Person(browser.newContext(options));
    }

    /// The same on a telephone.
    public Person onTelephone() {
        return person(new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(390, 844)
                .setHasTouch(true)
                .setIsMobile(true));
    }

    /// The same without script.
    public Person withoutScript() {
        return person(new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(1280, 900)
                .setJavaScriptEnabled(false));
    }

    /// What keeps people out of a page (axe-core), each in one line; the page's own rules are lifted to look.
    public static List<String> barriers(Page page) {
        page.evaluate(AXE);
        var found = page.evaluate("""
                async () => {
                    const result = await axe.run(document, {resultTypes: ["violations"]});
                    return result.violations.flatMap(rule =>
                        rule.nodes.map(node => rule.id + ": " + node.target + " " + node.failureSummary));
                }
                """);
        return ((List<?>) found).stream().map(Object::toString).toList();
    }

    /// Somebody with a browser. What the console's policy refused, and what scripts threw, is kept.
    public static final class Person implements AutoCloseable {
        public final BrowserContext context;
        public final Page page;
        public final List<String> complaints = new java.util.concurrent.CopyOnWriteArrayList<>();

        Person(BrowserContext context) {
            this.context = context;
            this.page = context.newPage();
            page.onPageError(complaints::add);
            page.onConsoleMessage(message -> {
                if (message.type().equals("error") && !message.text().contains("the server responded with a status"))
                    complaints.add(message.text());
            });
            page.setDefaultTimeout(20_000);
        }

        /// Signs in with a key, by hand.
        public Person signIn(String url, String key) {
            page.navigate(url + "/console");
            page.getByLabel("Your operator's key").fill(key);
            page.locator("main button").click();
            page.waitForURL("**/console/approvals*");
            return this;
        }

        /// Loads the page again, as in a tab that nobody sees: it is told so, and neither a timer nor a frame comes.
        /// (Browsers let timers of such a tab come late; without a window they show every page.)
        public Person unseen() {
            context.addInitScript("""
                    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
                    Object.defineProperty(document, "hidden", { get: () => true });
                    for (const late of ["setTimeout", "setInterval", "requestAnimationFrame", "requestIdleCallback"])
                        window[late] = () => 0;
                    """);
            page.reload();
            return this;
        }

        @Override
        public void close() {
            context.close();
        }
    }

    private static String read(String resource) {
        try (InputStream stream = Browser.class.getResourceAsStream(resource)) {
            if (stream == null) throw new IllegalStateException("no " + resource);
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void close() {
        playwright.close();
    }
}
