package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Refs and `HEAD`, changed by git itself: what another command changes meanwhile is noticed, and then none is
/// changed.
///
/// @param reason what reflogs say
record References(Git git, String reason) {

    void change(Snapshot now, Snapshot then) throws IOException {
        SortedMap<String, String> is = ids(now.refs());
        SortedMap<String, String> was = ids(then.refs());
        var gone = new StringBuilder();
        var put = new StringBuilder();
        is.forEach((name, id) -> {
            if (!was.containsKey(name))
                gone.append("delete ").append(name).append('\0').append(id).append('\0');
        });
        was.forEach((name, id) -> {
            if (!id.equals(is.get(name)))
                put.append("update ")
                        .append(name)
                        .append('\0')
                        .append(id)
                        .append('\0')
                        .append(is.getOrDefault(name, "0".repeat(id.length())))
                        .append('\0');
        });
        links(now.refs(), then.refs());
        if (collide(is, was)) {
            // A name that becomes a directory, or the other way round: a crash between leaves only the others.
            transact(gone.toString());
            transact(put.toString());
        } else transact(gone.toString() + put);
        head(now.head(), then.head());
    }

    private static SortedMap<String, String> ids(Map<String, String> refs) {
        var ids = new TreeMap<String, String>();
        refs.forEach((name, ref) -> {
            if (!Snapshot.isLink(ref)) ids.put(name, ref);
        });
        return ids;
    }

    private static boolean collide(SortedMap<String, String> is, SortedMap<String, String> was) {
        return is.keySet().stream()
                .filter(name -> !was.containsKey(name))
                .anyMatch(gone -> was.keySet().stream()
                        .anyMatch(put -> put.startsWith(gone + "/") || gone.startsWith(put + "/")));
    }

    private void transact(String commands) throws IOException {
        if (!commands.isEmpty())
            git.ask(commands.getBytes(UTF_8), "update-ref", "-m", reason, "--no-deref", "-z", "--stdin");
    }

    /// Names that stand for others.
    private void links(Map<String, String> is, Map<String, String> was) throws IOException {
        for (var ref : is.entrySet())
            if (Snapshot.isLink(ref.getValue()) && !ref.getValue().equals(was.get(ref.getKey())))
                git.ask(new byte[0], "symbolic-ref", "--delete", ref.getKey());
        for (var ref : was.entrySet())
            if (Snapshot.isLink(ref.getValue()) && !ref.getValue().equals(is.get(ref.getKey())))
                git.ask(new byte[0], "symbolic-ref", "-m", reason, ref.getKey(), Snapshot.linked(ref.getValue()));
    }

    private void head(String is, String was) throws IOException {
        if (is.equals(was)) return;
        if (Snapshot.isLink(was)) git.ask(new byte[0], "symbolic-ref", "-m", reason, "HEAD", Snapshot.linked(was));
        else git.ask(new byte[0], "update-ref", "-m", reason, "--no-deref", "HEAD", was);
    }
}
