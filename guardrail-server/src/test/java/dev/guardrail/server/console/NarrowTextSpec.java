package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Browser.Person;
import dev.guardrail.server.sheet.Deception;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Deceptive arguments on a screen 390 px wide: whoever can approve has what is dangerous before them, drawn whole.
/// Where
/// it is not, Approve is off until everything was opened.
class NarrowTextSpec {
    /// Where some text stands among the arguments: `seen` where every part of it is drawn, unhidden, between the edges
    /// of
    /// the screen and of whatever scrolls.
    private static final String PLACE = """
            danger => {
                const box = document.querySelector("#arguments");
                const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
                const nodes = [];
                let text = "";
                for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                    nodes.push([text.length, node]);
                    text += node.data;
                }
                const from = text.indexOf(danger);
                if (from < 0) return "absent";
                const to = from + danger.length;
                for (const [start, node] of nodes) {
                    const begin = Math.max(from, start) - start, end = Math.min(to, start + node.length) - start;
                    if (begin >= end || !node.data.slice(begin, end).trim()) continue;
                    if (!node.parentElement.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
                        return "hidden";
                    const range = document.createRange();
                    range.setStart(node, begin);
                    range.setEnd(node, end);
                    let right = document.documentElement.clientWidth;
                    for (let at = node.parentElement; at; at = at.parentElement)
                        if (getComputedStyle(at).overflowX !== "visible")
                            right = Math.min(right, at.getBoundingClientRect().right);
                    const parts = [...range.getClientRects()].filter(part => part.width > 0);
                    if (!parts.length) return "not drawn";
                    if (parts.some(part => part.left < -1 || part.right > right + 1)) return "cut";
                }
                return "seen";
            }
            """;

    private static Shop shop;
    private static Browser browser;
    private static Person ann;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Browser.start();
        shop = new Shop(directory);
        ann = browser.onTelephone().signIn(shop.url, Shop.ANN);
    }

    @AfterAll
    static void stop() throws Exception {
        if (shop != null) shop.close();
        if (browser != null) browser.close();
    }

    private static Object place(String danger) {
        return ann.page.evaluate(PLACE, danger);
    }

    private static Locator approve() {
        return ann.page.locator("[data-decide] button[data-key=a]");
    }

    @TestFactory
    Stream<DynamicTest> what_is_dangerous_is_seen_or_nobody_approves() throws Exception {
        return Deception.all().stream()
                .map(line -> DynamicTest.dynamicTest(line.name(), () -> {
                    String id = shop.hold(
                            "crm.note", JsonObject.with("text", line.text()).build(), line.text());
                    ann.page.navigate(shop.page(id));
                    Object first = place(line.danger());
                    if (approve().isEnabled()) assertEquals("seen", first, line.danger());
                    else {
                        ann.page.navigate(shop.page(id) + "?open=all");
                        assertEquals("seen", place(line.danger()), line.danger());
                        assertTrue(approve().isEnabled(), "everything is open");
                    }
                    shop.giveUp(id);
                }));
    }

    /// The look at places can tell.
    @Test
    void what_stands_beyond_the_edge_is_not_seen() {
        String id = shop.note("plain words");
        ann.page.navigate(shop.page(id));
        assertEquals("seen", place("plain words"));
        assertEquals("absent", place("other words"));
        ann.page.evaluate("() => { document.querySelector('#arguments').style.transform = 'translateX(300px)'; }");
        assertEquals("cut", place("plain words"));
        ann.page.evaluate("() => { document.querySelector('#arguments').style.visibility = 'hidden'; }");
        assertEquals("hidden", place("plain words"));
        shop.giveUp(id);
    }
}
