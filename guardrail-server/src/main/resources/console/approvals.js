// Keys of a request's page. Each of A, D, E and S asks once more; J and K go along the queue.
{
    const area = document.querySelector("[data-decide]");
    const sure = document.querySelector("dialog[data-sure]");

    const ask = key => {
        const button = area?.querySelector(`button[data-key="${key}"]`);
        if (!button || button.disabled || !sure) return;
        sure.querySelector('[data-sure="title"]').textContent = button.dataset.ask;
        const yes = sure.querySelector('[data-sure="yes"]');
        yes.onclick = () => { sure.close(); button.form.requestSubmit(button); };
        sure.querySelector('[data-sure="no"]').onclick = () => sure.close();
        sure.showModal();
        yes.focus();
    };

    const step = by => {
        const links = [...document.querySelectorAll(".queue a.request")];
        if (links.length === 0) return;
        const at = links.findIndex(link => link === document.activeElement);
        const open = links.findIndex(link => link.hasAttribute("aria-current"));
        const from = at >= 0 ? at : open;
        const to = from < 0 ? 0 : Math.min(links.length - 1, Math.max(0, from + by));
        links[to].focus();
    };

    document.addEventListener("keydown", event => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || sure?.open) return;
        if (event.target.closest("input, textarea, select")) return;
        const key = event.key.toLowerCase();
        if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
        else if ("ads".includes(key)) ask(key);
        else if (key === "e") {
            const edit = area?.querySelector('details[data-key="e"]');
            if (!edit) return;
            edit.open = true;
            edit.querySelector("textarea").focus();
        } else return;
        event.preventDefault();
    });
}
