// Keeps what pages show up to date. Without it, everything still works; a page then shows what was when it was loaded.
{
    const part = name => document.querySelector(`[data-live="${name}"]`);
    const show = (element, on) => { if (element) element.hidden = !on; };

    const tell = (said, lost) => {
        const state = part("state");
        show(state, true);
        state?.classList.toggle("lost", said !== "Live");
        const word = part("word");
        if (word) word.textContent = said;
        show(part("offline"), lost);
    };
    const seen = on => tell(on ? "Live" : "Offline", !on);

    // A fragment is the guard's own markup; scripts in it would not run, and it has none.
    const put = (element, markup) => {
        const held = element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        const parsed = new DOMParser().parseFromString(markup, "text/html");
        element.replaceChildren(...parsed.body.childNodes);
        if (held) [...element.querySelectorAll("a[href]")].find(link => link.getAttribute("href") === held)?.focus();
        element.dispatchEvent(new CustomEvent("put", { bubbles: true }));
    };

    const listen = () => {
        const place = document.querySelector("[data-events]");
        const source = new EventSource(place ? place.dataset.events : "/console/events");
        source.addEventListener("open", () => seen(true));
        source.addEventListener("error", () => seen(false));
        source.addEventListener("count", event => {
            for (const count of document.querySelectorAll('[data-live="count"]')) count.textContent = event.data;
        });
        source.addEventListener("part", event => {
            const [name, ...markup] = event.data.split("\n");
            const element = part(name);
            if (element) put(element, markup.join("\n"));
        });
        source.addEventListener("over", () => { source.close(); location.reload(); });
    };
    if (part("state")) {
        tell("Connecting", false);
        listen();
    }

    const clock = () => {
        for (const time of document.querySelectorAll("time[data-until]")) {
            const left = Math.max(0, Math.floor((Date.parse(time.dataset.until) - Date.now()) / 1000));
            const pad = number => String(number).padStart(2, "0");
            const hours = Math.floor(left / 3600);
            time.textContent = hours > 0
                ? `${hours}:${pad(Math.floor(left / 60) % 60)}:${pad(left % 60)}`
                : `${Math.floor(left / 60)}:${pad(left % 60)}`;
            time.classList.toggle("soon", left < 300);
        }
    };
    clock();
    setInterval(clock, 1000);
    document.addEventListener("put", clock);
}
