package dev.guardrail.server.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotType;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Browser.Person;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pictures of the documents, taken of live pages: light, dark and on a telephone. `-Dguardrail.images=DIR` keeps
/// them there; `docs/images` is where they belong.
class PicturesSpec {
    private static Shop shop;
    private static Browser browser;
    private static String refund;

    @TempDir
    Path scratch;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        shop = new Shop(directory);
        shop.note("Called back; she wants the black one.");
        refund = shop.hold(
                "crm.refund",
                JsonObject.with("customer", "C-20877")
                        .with("amount", 640)
                        .with("currency", "eur")
                        .with("note", "Delivered twice, one returned unopened.")
                        .with("lines", JsonArray.ofTexts(List.of("headphones", "charger")))
                        .build(),
                "The second parcel came back, so the customer is owed the difference.");
        shop.hold("crm.wipe", JsonObject.with("table", "leads_2019").build(), "Nobody reads these rows any more.");
        shop.note("Prefers mail to calls. pay\u202Egnp.exe");
        for (String tool : List.of("crm.get", "crm.drop", "crm.get"))
            shop.served.propose(dev.guardrail.server.wiring.Served.CODER, tool, "{\"id\":\"C-20877\"}");
    }

    @AfterAll
    static void stop() throws Exception {
        if (shop != null) shop.close();
        if (browser != null) browser.close();
    }

    private void take(Person person, String name) throws IOException {
        String kept = System.getProperty("guardrail.images", "");
        Path directory = kept.isEmpty() ? scratch : Path.of(kept);
        Files.createDirectories(directory);
        byte[] bytes = person.page.screenshot(
                new Page.ScreenshotOptions().setType(ScreenshotType.PNG).setPath(directory.resolve(name + ".png")));
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(bytes));
        assertEquals(person.page.viewportSize().width, picture.getWidth(), "nothing sticks out");
        long colours = java.util.stream.IntStream.range(0, picture.getHeight())
                .flatMap(y ->
                        java.util.stream.IntStream.range(0, picture.getWidth()).map(x -> picture.getRGB(x, y)))
                .distinct()
                .limit(20)
                .count();
        assertEquals(20, colours, "something is on it");
        assertEquals(List.of(), person.complaints);
    }

    private void showQueueAndRequest(Person person, String look) throws IOException {
        person.signIn(shop.url, Shop.ANN);
        assertThat(person.page.locator("a.request")).hasCount(4);
        take(person, "console-queue-" + look);
        person.page.navigate(shop.page(refund));
        assertThat(person.page.locator("#claim")).containsText("crm.refund");
        take(person, "console-request-" + look);
    }

    @Test
    void in_the_light_in_the_dark_and_on_a_telephone() throws IOException {
        try (Person ann = browser.person()) {
            ann.page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
            showQueueAndRequest(ann, "light");
        }
        try (Person ann = browser.person()) {
            ann.page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            showQueueAndRequest(ann, "dark");
        }
        try (Person ann = browser.onTelephone()) {
            showQueueAndRequest(ann, "phone");
        }
    }

    @Test
    void like_calls_together() throws IOException {
        try (Person ann = browser.person().signIn(shop.url, Shop.ANN)) {
            ann.page.navigate(shop.url + "/console/approvals?alike=yes");
            ann.page.getByText("Decide together").click();
            assertThat(ann.page.locator(".values")).hasCount(2);
            take(ann, "console-like-calls");
        }
    }

    @Test
    void empty_connecting_offline_and_with_a_fault() throws IOException {
        try (Person root = browser.person().signIn(shop.url, Shop.ROOT)) {
            root.page.navigate(shop.url + "/console/approvals?tab=me");
            assertThat(root.page.locator(".empty")).containsText("Nothing waits for you.");
            take(root, "console-empty");
            root.page.route("**/console/events*", route -> {}); // nobody answers
            root.page.reload();
            assertThat(root.page.locator("[data-live=state]")).hasText("Connecting");
            take(root, "console-connecting");
        }
        try (Person root = browser.person().signIn(shop.url, Shop.ROOT)) {
            root.page.route("**/console/events*", route -> route.abort());
            root.page.reload();
            assertThat(root.page.locator("[data-live=offline]")).isVisible();
            root.complaints.removeIf(said -> said.contains("ERR_FAILED"));
            take(root, "console-offline");
        }
        try (Person bob = browser.person().signIn(shop.url, Shop.BOB)) {
            bob.page.navigate(shop.url + "/console/audit?q=effect:deny%20tol:crm.*");
            assertThat(bob.page.locator("#fault")).isVisible();
            take(bob, "console-fault");
        }
    }

    @Test
    void what_happened() throws IOException {
        try (Person bob = browser.person().signIn(shop.url, Shop.BOB)) {
            for (var page : Map.of("audit", "/console/audit", "policies", "/console/policies")
                    .entrySet()) {
                bob.page.navigate(shop.url + page.getValue());
                assertTrue(bob.page.locator("h1").count() > 0);
                take(bob, "console-" + page.getKey());
            }
        }
    }
}
