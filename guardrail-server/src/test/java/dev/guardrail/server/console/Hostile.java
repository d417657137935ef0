package dev.guardrail.server.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.guardrail.server.console.Browser.Person;
import java.util.List;

/// What agents and servers write to be taken for a page, and how a page is looked at that shows it.
public final class Hostile {
    /// It would load, run, post and turn the line around.
    public static final String TEXT = "<img src=x onerror=document.title='run'><script>document.title='run'</script>"
            + "<b hx-post='/console/stop' hx-trigger='load'>\u202Egnp.exe\u200B</b>";

    /// The same as it stands in JSON.
    public static final String JSON = TEXT.replace("\u202E", "\\u202e").replace("\u200B", "\\u200b");

    /// Other texts of the kind, each of which would do one thing.
    static final List<String> MARKUP = List.of(
            "<script>document.title='taken'</script>",
            "<img src=x onerror=\"document.title='taken'\">",
            "<svg onload=\"document.title='taken'\"></svg>",
            "<div hx-post=\"/console/stop\" hx-trigger=\"load\" hx-vals='{\"scope\":\"all\"}'>x</div>",
            "<button hx-post=\"APPROVE\" hx-trigger=\"revealed\">x</button>",
            "</textarea></form><form action=\"/console/stop\" method=post id=taken><input name=scope value=all></form>",
            "\"><form action=\"https://evil.example/\"><button autofocus>Approve</button></form>",
            "' onmouseover='document.title=1' x='",
            "<a href=\"javascript:document.title='taken'\">Approve</a> https://evil.example/x",
            "<meta http-equiv=refresh content=\"0;url=https://evil.example/\">",
            "<base href=\"https://evil.example/\"><link rel=stylesheet href=/x.css>",
            "<style>*{display:none}</style><iframe src=\"https://evil.example/\"></iframe>",
            "${7*7} @if(true) !{var x = 1;} $unsafe{x} {{7*7}} <%= 7*7 %>",
            "\ndata: <script>document.title='taken'</script>\n\nevent: over\ndata: over\n\n",
            "[Approve](https://evil.example) **bold** <!-- --> ]]> &lt;b&gt; &#60;b&#62;");

    private Hostile() {}

    /// Nothing on the page runs, loads, styles, leads away or posts but what the console put there.
    static void isHarmless(Page page) {
        assertFalse(page.title().contains("taken"));
        assertEquals(List.of(), page.evaluate("""
                        () => [...document.querySelectorAll("*")].flatMap(element => [...element.attributes]
                            .filter(attribute => /^(hx-|on|style$|srcdoc$)/.test(attribute.name)
                                || /^(javascript|data):|evil/.test(attribute.value) && attribute.name !== "value"
                                && !attribute.value.startsWith("/console/"))
                            .map(attribute => element.tagName + " " + attribute.name))
                        """));
        assertEquals(
                0,
                page.locator("main script, main style, main iframe, main img, main object, main base")
                        .count());
        assertEquals(0, page.locator("form:not([action^='/console'])").count());
    }

    /// The text is there, as text alone.
    public static void isText(Person person) {
        Page page = person.page;
        assertEquals(0, page.locator("img, main script, [hx-post], [onerror]").count());
        assertTrue(page.locator("main").textContent().contains("<img src=x onerror="), "it is shown whole");
        assertTrue(page.locator("main .chip").allTextContents().containsAll(List.of("U+202E", "U+200B")), "marked");
        assertTrue(!page.locator("main").textContent().contains("\u202E"), "no line turns around");
        assertTrue(page.title().endsWith("Guardrail"), page.title());
    }

    /// Nobody is kept out of the page in light, in dark and on a narrow screen, and nothing was refused to it.
    public static void isClean(Person person) {
        Page page = person.page;
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            assertEquals(List.of(), Browser.barriers(page), scheme.toString());
        }
        page.setViewportSize(390, 844);
        assertEquals(390, page.evaluate("document.documentElement.scrollWidth"), "nothing is wider than the screen");
        assertEquals(List.of(), Browser.barriers(page));
        page.setViewportSize(1280, 900);
        assertEquals(List.of(), person.complaints);
    }
}
