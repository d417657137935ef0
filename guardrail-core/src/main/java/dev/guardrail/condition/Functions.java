package dev.guardrail.condition;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction;
import dev.guardrail.call.PathFact;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What conditions may call beyond the standard of CEL, and the standard's text search with its work bounded.
/// A function that cannot answer fails; the condition is then an error, never false.
final class Functions {
    /// Patterns written in policies, compiled once.
    private final Map<String, Regex> patterns = new ConcurrentHashMap<>();

    /// @throws IllegalArgumentException with one lower-case sentence where the pattern is no RE2 or too big
    Regex pattern(String pattern) {
        return patterns.computeIfAbsent(pattern, Regex::compile);
    }

    /// Declarations of what is not standard.
    static List<CelFunctionDecl> declarations(CelType session) {
        var text = SimpleType.STRING;
        var bool = SimpleType.BOOL;
        return List.of(
                global("path.within", "path_within", bool, text, text),
                global("path.real", "path_real", text, text),
                global("url.host", "url_host", text, text),
                global("url.isPublic", "url_is_public", bool, text),
                global("net.inCidr", "net_in_cidr", bool, text, text),
                CelFunctionDecl.newFunctionDeclaration(
                        "seen", CelOverloadDecl.newMemberOverload("session_seen", bool, session, text)));
    }

    private static CelFunctionDecl global(String name, String overload, CelType result, CelType... parameters) {
        return CelFunctionDecl.newFunctionDeclaration(
                name, CelOverloadDecl.newGlobalOverload(overload, result, parameters));
    }

    @SuppressWarnings("Immutable") // patterns only ever grow
    CelRuntime runtime(CelOptions options) {
        return CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(options)
                .setStandardFunctions(CelStandardFunctions.newBuilder()
                        .excludeFunctions(StandardFunction.MATCHES, StandardFunction.CONTAINS)
                        .build())
                .addFunctionBindings(
                        texts("path.within", "path_within", (path, directory) -> within(fact(path), directory)))
                .addFunctionBindings(
                        text("path.real", "path_real", path -> fact(path).real()))
                .addFunctionBindings(
                        text("url.host", "url_host", url -> address(url).host()))
                .addFunctionBindings(text(
                        "url.isPublic", "url_is_public", url -> address(url).isPublic()))
                .addFunctionBindings(texts("net.inCidr", "net_in_cidr", Functions::inCidr))
                .addFunctionBindings(CelFunctionBinding.fromOverloads(
                        "seen", CelFunctionBinding.from("session_seen", Map.class, String.class, Functions::seen)))
                .addFunctionBindings(texts("contains", "contains_string", Functions::contains))
                .addFunctionBindings(CelFunctionBinding.fromOverloads(
                        "matches",
                        CelFunctionBinding.from("matches", String.class, String.class, this::matches),
                        CelFunctionBinding.from("matches_string", String.class, String.class, this::matches)))
                .build();
    }

    private static Iterable<CelFunctionBinding> text(
            String name, String overload, CelFunctionOverload.Unary<String> body) {
        return CelFunctionBinding.fromOverloads(name, CelFunctionBinding.from(overload, String.class, body));
    }

    private static Iterable<CelFunctionBinding> texts(
            String name, String overload, CelFunctionOverload.Binary<String, String> body) {
        return CelFunctionBinding.fromOverloads(
                name, CelFunctionBinding.from(overload, String.class, String.class, body));
    }

    private static PathFact fact(String path) {
        return fact(Evaluation.current().facts(), path);
    }

    /// What was worked out before the decision of the path that an argument names.
    ///
    /// @throws IllegalStateException where nothing was: the argument's server has no shared root
    static PathFact fact(Facts facts, String path) {
        return facts.request()
                .resource()
                .paths()
                .of(path)
                .orElseThrow(() -> new IllegalStateException("nothing is known of the path `" + path + "`"));
    }

    /// @throws IllegalArgumentException where the directory is not absolute and plain
    static boolean within(PathFact fact, String directory) {
        if (!isPlainDirectory(directory))
            throw new IllegalArgumentException("not a plain absolute directory: `" + directory + "`");
        return fact.within(directory);
    }

    /// True for `.`, the server's root, and for an absolute path without empty, `.` or `..` components; one slash may
    /// end it.
    static boolean isPlainDirectory(String directory) {
        if (directory.equals("/") || directory.equals(".")) return true;
        if (!directory.startsWith("/") || directory.indexOf('\0') >= 0) return false;
        String inner = directory.substring(1, directory.length() - (directory.endsWith("/") ? 1 : 0));
        for (String component : inner.split("/", -1))
            if (component.isEmpty() || component.equals(".") || component.equals("..")) return false;
        return true;
    }

    /// @throws IllegalArgumentException where the URL is not one that every reader understands alike
    static WebAddress address(String url) {
        return WebAddress.parse(url).orElseThrow(() -> new IllegalArgumentException("not a plain web address"));
    }

    /// @throws IllegalArgumentException where either is not in its one plain spelling
    static boolean inCidr(String address, String range) {
        var parsed = Address.parse(address).orElseThrow(() -> new IllegalArgumentException("not an address"));
        return Address.Range.parse(range)
                .orElseThrow(() -> new IllegalArgumentException("not a range of addresses"))
                .contains(parsed);
    }

    private static boolean seen(Map<?, ?> session, String tool) {
        return Evaluation.current().facts().session().seen().contains(tool);
    }

    private static boolean contains(String text, String part) {
        Evaluation.current().meter().spend(text.length());
        return Texts.contains(text, part);
    }

    private boolean matches(String text, String pattern) {
        var meter = Evaluation.current().meter();
        var known = patterns.get(pattern);
        return (known == null ? Regex.compile(pattern, meter) : known).finds(text, meter);
    }
}
